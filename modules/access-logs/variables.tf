variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "account_id" {
  description = "The account whose buckets and load balancers log here."
  type        = string
}

variable "bucket_names" {
  description = "Names of the buckets whose access logs and inventories come here. One not named cannot log."
  type        = set(string)

  validation {
    condition     = length(var.bucket_names) > 0
    error_message = "bucket_names is empty: no bucket could log its accesses."
  }
}

variable "expiry_days" {
  description = "Days a log is kept. A load balancer's log holds visitors' addresses and requests in clear: keep it short."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.expiry_days >= 1 && var.expiry_days <= 30
    error_message = "Access logs hold personal data in clear: 1 to 30 days."
  }
}

variable "break_glass_role_arn" {
  description = "The one role that can read the logs."
  type        = string
}
