variable "environment" {
  description = "Name of the environment whose state the bucket keeps."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "The environment's AWS account, 12 digits. Credentials of another account are refused."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^\\d{12}$", var.account_id))
    error_message = "account_id in the environment's terraform.tfvars is the 12 digits of an AWS account."
  }
}

variable "region" {
  description = "Region of the bucket and its key, as in backend.hcl."
  type        = string
  nullable    = false
}

variable "bucket" {
  description = "Name of the bucket, as in backend.hcl: unique in the world, so it ends with the account."
  type        = string
  nullable    = false

  validation {
    condition     = endswith(var.bucket, "-${var.account_id}")
    error_message = "bucket in backend.hcl ends with the account_id in terraform.tfvars: one account keeps one state."
  }
}
