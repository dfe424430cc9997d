variable "name" {
  description = "Name of the bucket in the other region."
  type        = string
}

variable "role_name" {
  description = "Name of the role that S3 copies with. The lake's key lets it decrypt, the replica's lets it encrypt."
  type        = string
}

variable "account_id" {
  description = "The account of both buckets, 12 digits."
  type        = string
}

variable "source_bucket" {
  description = "Name of the lake's bucket, which keeps versions."
  type        = string
}

variable "source_kms_key_arn" {
  description = "Key of the lake's objects."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the copies, in the other region."
  type        = string
}

variable "prefixes" {
  description = "Prefixes that are copied, with their slash: of delivered, pseudonymized events."
  type        = list(string)

  validation {
    condition     = length(var.prefixes) > 0 && alltrue([for prefix in var.prefixes : contains(["output/", "enriched-bad/", "raw-bad/"], prefix)])
    error_message = "prefixes names output/, enriched-bad/ and raw-bad/ only: originals under the error prefix have no copy."
  }
}

variable "expiry" {
  description = "Days after which copies are deleted, by prefix: as in the lake. A prefix not named is kept for ever."
  type        = map(number)
  default     = {}
  nullable    = false
}

variable "break_glass_role_arn" {
  description = "The one role that can read the copies."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Boundary of the role's permissions. Null: none."
  type        = string
  default     = null
}
