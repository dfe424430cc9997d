variable "name" {
  description = "Name of the secret."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts the secret."
  type        = string
}

variable "reader_role_arns" {
  description = "The roles that may read the key of the pseudonyms: the pseudonymizers'. Nobody else can, whatever IAM allows."
  type        = list(string)

  validation {
    condition     = length(var.reader_role_arns) > 0
    error_message = "reader_role_arns is empty: no pseudonymizer could start."
  }
}

variable "custodian_role_arn" {
  description = "The role of those who make and rotate the key. It can write a value; it cannot read one back."
  type        = string
}

variable "deployer_role_arn" {
  description = "The role that applies this configuration: it alone may change or remove the secret's policy, delete and restore it."
  type        = string

  validation {
    condition     = var.deployer_role_arn != var.custodian_role_arn
    error_message = "Two different roles: who sets the key must not also open its policy."
  }
}

variable "recovery_days" {
  description = "Days in which a deleted key can be brought back. Without it no later pseudonym equals an earlier one. 7 to 30."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.recovery_days >= 7 && var.recovery_days <= 30
    error_message = "Secrets Manager keeps a deleted secret 7 to 30 days."
  }
}
