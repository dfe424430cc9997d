variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "kms_key_arn" {
  description = "The quarantine's own key, which no lake reader can use."
  type        = string
}

variable "access_log_bucket" {
  description = "Bucket that receives the access log and the daily inventory."
  type        = string
}

variable "writer_role_arns" {
  description = "The roles that may put objects: the pseudonymizers'. They can read nothing back."
  type        = list(string)

  validation {
    condition     = length(var.writer_role_arns) > 0
    error_message = "writer_role_arns is empty: a record that cannot be parsed would have nowhere to go."
  }
}

variable "break_glass_role_arn" {
  description = "The one role that can read and delete objects."
  type        = string
}

variable "expiry_days" {
  description = "Days in which an operator can repair and replay a quarantined record before it is deleted."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.expiry_days >= 7 && var.expiry_days <= 90
    error_message = "Quarantine holds original records: at least 7 days to repair them, at most 90 to keep them."
  }
}
