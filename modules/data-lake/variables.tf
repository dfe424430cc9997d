variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the lake's objects."
  type        = string
}

variable "access_log_bucket" {
  description = "Bucket that receives the access log."
  type        = string
}

variable "expiry" {
  description = "Days after which delivered objects are deleted, by prefix. A prefix not named is kept for ever."
  type        = map(number)
  default     = {}
  nullable    = false
}

variable "error_prefix" {
  description = "Prefix, with its slash, of what Firehose could not transform: original records, in clear."
  type        = string
  default     = "firehose-errors/"
  nullable    = false

  validation {
    condition     = endswith(var.error_prefix, "/") && length(var.error_prefix) > 1
    error_message = "error_prefix ends with a slash and is not the whole bucket."
  }
}

variable "error_expiry_days" {
  description = "Days in which an operator can repair and replay what is under the error prefix before it is deleted."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.error_expiry_days >= 7 && var.error_expiry_days <= 30
    error_message = "Errors are original records in clear: at least 7 days to replay them, at most 30 to keep them."
  }
}

variable "break_glass_role_arn" {
  description = "The one role that can read and delete under the error prefix."
  type        = string
}

variable "delivery_role_arns" {
  description = "The roles that write under the error prefix: the deliveries'."
  type        = list(string)

  validation {
    condition     = length(var.delivery_role_arns) > 0
    error_message = "delivery_role_arns is empty: no delivery could keep a record it failed to transform."
  }
}
