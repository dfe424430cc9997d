variable "prefix" {
  description = "First part of every alias: alias/<prefix>-<name of the key>."
  type        = string
}

variable "account_id" {
  description = "The AWS account that owns the keys, 12 digits."
  type        = string

  validation {
    condition     = can(regex("^\\d{12}$", var.account_id))
    error_message = "account_id is the 12 digits of an AWS account."
  }
}

variable "keys" {
  description = <<-EOT
    The keys by class of data. `roles` names the role ARNs that may encrypt and decrypt: nobody else can use the key, whatever
    an IAM policy allows. Without `roles` the IAM policies of the account decide. `log_groups` lets CloudWatch Logs use it,
    `volumes` lets Auto Scaling start instances whose volumes it encrypts, `services` lets AWS services (by principal) use
    it on behalf of this account, `secrets` lets whoever IAM allows create a secret under it, without reading any.
  EOT
  type = map(object({
    description = string
    log_groups  = optional(bool, false)
    volumes     = optional(bool, false)
    secrets     = optional(bool, false)
    services    = optional(set(string), [])
    roles = optional(object({
      encrypt = optional(list(string), [])
      decrypt = optional(list(string), [])
    }))
  }))

  validation {
    condition = alltrue([
      for arn in flatten([for key in var.keys : [key.roles.encrypt, key.roles.decrypt] if key.roles != null]) :
      can(regex("^arn:[a-z-]+:iam::\\d{12}:role/[^*?]+$", arn))
    ])
    error_message = "Every entry of roles is the ARN of one role, without a wildcard."
  }

  validation {
    condition = alltrue([
      for service in flatten([for key in var.keys : tolist(key.services)]) : can(regex("^[a-z0-9.-]+\\.amazonaws\\.com$", service))
    ])
    error_message = "Every entry of services is a principal such as cloudwatch.amazonaws.com."
  }
}

variable "deletion_window_days" {
  description = "Days between the request to delete a key and the loss of everything under it, 7 to 30."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "KMS waits 7 to 30 days before it deletes a key."
  }
}
