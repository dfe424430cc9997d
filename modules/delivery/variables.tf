variable "name" {
  description = "Name of the Firehose stream and of its role."
  type        = string
}

variable "prefix" {
  description = "Prefix of the lake the records are delivered to, with its slash; year, month, day and hour follow."
  type        = string

  validation {
    condition     = endswith(var.prefix, "/") && length(var.prefix) > 1
    error_message = "prefix ends with a slash, such as output/."
  }
}

variable "source_stream" {
  description = "The Kinesis stream to deliver: its ARN and the key of its records."
  type = object({
    arn         = string
    kms_key_arn = string
  })
}

variable "transform_arn" {
  description = "Alias of the pseudonymizer. A bare function, or $LATEST, would change what runs while it is being deployed."
  type        = string

  validation {
    condition     = can(regex(":function:[^:]+:[a-zA-Z][^:]*$", var.transform_arn))
    error_message = "transform_arn is the ARN of an alias, such as …:function:name:live."
  }
}

variable "transform_buffer" {
  description = <<-EOT
    How much and how long Firehose gathers for one call of the transform. It sends one record of 1 MB more than that, records
    grow by 1.3 to 2, and a response may have 6 MB: up to 0.4 MB a growth of 3 always fits (docs/adr/0007-sizes.md).
  EOT
  type = object({
    size_mb          = optional(number, 0.2)
    interval_seconds = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.transform_buffer.size_mb >= 0.2 && var.transform_buffer.size_mb <= 0.4
    error_message = "transform_buffer.size_mb is 0.2 to 0.4: the response to more could pass Lambda's limit of 6 MB."
  }

  # https://docs.aws.amazon.com/firehose/latest/dev/buffering-hints.html
  validation {
    condition     = contains(range(901), var.transform_buffer.interval_seconds)
    error_message = "transform_buffer.interval_seconds is a whole number from 0 to 900."
  }
}

variable "lake_buffer" {
  description = "One object is written when this many MB (before GZIP) or seconds have gathered."
  type = object({
    size_mb          = optional(number, 64)
    interval_seconds = optional(number, 300)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(range(1, 129), var.lake_buffer.size_mb) && contains(range(901), var.lake_buffer.interval_seconds)
    error_message = "lake_buffer is a whole number from 1 to 128 MB and one from 0 to 900 seconds."
  }
}

variable "lake" {
  description = "The lake bucket: its ARN, the key of its objects and the error prefix with its slash."
  type = object({
    arn          = string
    kms_key_arn  = string
    error_prefix = string
  })
}

variable "account_id" {
  description = "The account whose Firehose may use the role."
  type        = string
}

variable "logs" {
  description = "Key and retention in days of the log of delivery errors."
  type = object({
    kms_key_arn    = string
    retention_days = number
  })
}

variable "alarm_topic_arn" {
  description = "Topic that is notified when records wait, S3 refuses them or the transform fails."
  type        = string
}

variable "alarm_freshness_minutes" {
  description = "Minutes a record may wait for the lake before the alarm. Buffers account for lake_buffer.interval_seconds of it."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.alarm_freshness_minutes >= 1
    error_message = "alarm_freshness_minutes is at least 1."
  }

  validation {
    condition     = var.alarm_freshness_minutes * 60 >= 2 * var.lake_buffer.interval_seconds
    error_message = "alarm_freshness_minutes is at least twice lake_buffer.interval_seconds: a full buffer is not a failure."
  }
}

variable "permissions_boundary_arn" {
  description = "Boundary of the role's permissions. Null: none."
  type        = string
  default     = null
}
