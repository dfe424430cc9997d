variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "account_id" {
  description = "The account that owns the bucket, 12 digits: readers of another one are let in by the bucket too."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the lake's objects."
  type        = string
}

variable "access_log_bucket" {
  description = "Bucket that receives the access log and the daily inventory."
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

variable "readers" {
  description = <<-EOT
    Roles that may read, by prefix with its slash; each needs an IAM policy of its own account and the key besides. Nobody else can
    read, and nobody can be named for the error prefix. A role may be of another account.
  EOT
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for prefix in keys(var.readers) :
      can(regex("^[a-z0-9-]+/$", prefix)) && !startswith(var.error_prefix, prefix) && !startswith(prefix, var.error_prefix)
    ])
    error_message = "A prefix of readers is such as output/, and never the error prefix: originals have no reader."
  }

  validation {
    condition     = alltrue([for arn in flatten(values(var.readers)) : can(regex("^arn:[a-z-]+:iam::\\d{12}:role/[^*?]+$", arn))])
    error_message = "Every reader is the ARN of one role, without a wildcard."
  }
}

variable "transitions" {
  description = "Days after which objects move to a cheaper storage class, by prefix. One not named stays in STANDARD."
  type        = map(object({ days = number, storage_class = string }))
  default     = {}
  nullable    = false
}

variable "object_lock_days" {
  description = <<-EOT
    Days in which no version of any object can be deleted, except by who may bypass governance. Null: no lock. It can be
    given to a new bucket only, and holds for the error prefix too.
  EOT
  type        = number
  default     = null

  validation {
    condition     = var.object_lock_days == null || try(var.object_lock_days <= var.error_expiry_days, false)
    error_message = "object_lock_days is at most error_expiry_days: a longer lock would keep original records from expiring."
  }
}

variable "alarm_topic_arn" {
  description = "Topic that is notified of each object under the error prefix. Its policy lets S3 send."
  type        = string
}

variable "loader_queue_arns" {
  description = "SQS queue that is notified of each new object, by prefix with its slash: a Snowpipe's notification channel."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for prefix in keys(var.loader_queue_arns) :
      can(regex("^[a-z0-9-]+/$", prefix)) && !startswith(var.error_prefix, prefix) && !startswith(prefix, var.error_prefix)
    ])
    error_message = "A prefix of loader_queue_arns is such as output/, and never the error prefix."
  }

  validation {
    condition     = alltrue([for arn in values(var.loader_queue_arns) : can(regex("^arn:[a-z-]+:sqs:[a-z0-9-]+:\\d{12}:[\\w-]+$", arn))])
    error_message = "Every value of loader_queue_arns is the ARN of an SQS queue that is not FIFO: S3 sends to no other."
  }
}
