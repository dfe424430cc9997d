variable "name" {
  description = "Name of the role that Snowflake's storage integration assumes."
  type        = string
}

variable "lake_arn" {
  description = "ARN of the lake bucket."
  type        = string
}

variable "kms_key_arn" {
  description = "The lake's key."
  type        = string
}

variable "prefixes" {
  description = "What the role reads, each with its slash: never the error prefix."
  type        = list(string)

  validation {
    condition     = length(var.prefixes) > 0 && alltrue([for prefix in var.prefixes : can(regex("^[a-z0-9-]+/$", prefix))])
    error_message = "A prefix is such as output/: an empty one would be the whole lake."
  }
}

variable "snowflake" {
  description = "Who assumes the role, as DESC INTEGRATION names it. Until it is known, nobody can."
  type        = object({ user_arn = string, external_id = string })
  default     = null

  validation {
    condition     = var.snowflake == null || can(regex("^arn:[a-z-]+:iam::\\d{12}:user/[^*?]+$", var.snowflake.user_arn))
    error_message = "snowflake.user_arn is STORAGE_AWS_IAM_USER_ARN: one IAM user, no pattern."
  }

  validation {
    condition     = var.snowflake == null || length(try(var.snowflake.external_id, "")) >= 8
    error_message = "snowflake.external_id is STORAGE_AWS_EXTERNAL_ID: without it any Snowflake account could ask for the role."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of a policy that bounds the role."
  type        = string
  default     = null
}
