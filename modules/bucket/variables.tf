variable "name" {
  description = "Name of the bucket, unique in the world."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of every object. Null only where the writer is an AWS log service that cannot use a key: SSE-S3 then."
  type        = string
}

variable "access_log_bucket" {
  description = <<-EOT
    Bucket that receives the access log under <name of this bucket>/, and the inventory under inventory/. Null only for the
    access log bucket itself.
  EOT
  type        = string
}

variable "expiry" {
  description = "Days after which objects are deleted, by prefix; \"\" is the whole bucket. A prefix not named is kept for ever."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for days in var.expiry : days >= 1])
    error_message = "Every expiry is at least one day."
  }
}

variable "noncurrent_days" {
  description = "Days an overwritten or deleted version can still be brought back, and is still stored."
  type        = number
  default     = 30
  nullable    = false
}

variable "purged_prefixes" {
  description = "Prefixes of expiry that hold personal data in clear: what expired or was deleted there is gone after one day, not noncurrent_days."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.purged_prefixes, keys(var.expiry))) == 0
    error_message = "Every entry of purged_prefixes is a prefix of expiry: what never expires is not purged."
  }
}

variable "policies" {
  description = "Further statements of the bucket policy: JSON documents by a name that says what they do."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "transitions" {
  description = "Days after which objects move to a cheaper storage class, by prefix; \"\" is the whole bucket."
  type        = map(object({ days = number, storage_class = string }))
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for transition in var.transitions : contains(["GLACIER_IR", "INTELLIGENT_TIERING", "STANDARD_IA"], transition.storage_class)
    ])
    error_message = "storage_class is GLACIER_IR, INTELLIGENT_TIERING or STANDARD_IA: from the others an object must be restored first."
  }

  validation {
    condition = alltrue([
      for transition in var.transitions : transition.days >= (transition.storage_class == "STANDARD_IA" ? 30 : 1)
    ])
    error_message = "Objects move after at least one day, to STANDARD_IA after at least 30."
  }
}

variable "object_lock_days" {
  description = "Days in which no version can be deleted, except by who may bypass governance. Null: no lock. For a new bucket only."
  type        = number
  default     = null

  validation {
    condition     = var.object_lock_days == null || try(var.object_lock_days >= 1, false)
    error_message = "object_lock_days is at least 1, or null for no lock."
  }
}

variable "inventory" {
  description = "Whether a list of every object and version is written to the access log bucket each day: what is still stored, and how it is encrypted."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.inventory || var.access_log_bucket != null
    error_message = "An inventory is written to access_log_bucket, which is null."
  }
}
