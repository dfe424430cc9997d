variable "name" {
  description = "Name of the bucket, unique in the world."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of every object. Null only where the writer is an AWS log service that cannot use a key: SSE-S3 then."
  type        = string
}

variable "access_log_bucket" {
  description = "Bucket that receives the access log under <name of this bucket>/. Null only for the access log bucket itself."
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

variable "policies" {
  description = "Further statements of the bucket policy: JSON documents by a name that says what they do."
  type        = map(string)
  default     = {}
  nullable    = false
}
