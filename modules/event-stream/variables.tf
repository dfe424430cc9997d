variable "name" {
  description = "Name of the stream. A change makes a new stream and loses what the old one holds."
  type        = string
}

variable "account_id" {
  description = "The account of the stream, 12 digits."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the records. They hold events in clear."
  type        = string
}

variable "retention_hours" {
  description = "Hours a record can still be read: how long readers may be down, or S3 refuse, before events are lost. 24 to 8760."
  type        = number

  validation {
    condition     = var.retention_hours >= 24 && var.retention_hours <= 8760
    error_message = "Kinesis keeps records 24 to 8760 hours."
  }
}

variable "shard_count" {
  description = "Shards, each for 1 MB or 1,000 records a second in. Null: on demand, Kinesis scales and bills by traffic."
  type        = number
  default     = null

  validation {
    condition     = var.shard_count == null || try(var.shard_count >= 1, false)
    error_message = "shard_count is at least 1, or null for on demand."
  }
}

variable "alarm_topic_arn" {
  description = "Topic that is notified when records wait too long, nobody reads, or writers or readers are throttled."
  type        = string
}

variable "alarm_age_minutes" {
  description = "Minutes a record may wait for its reader before the alarm."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.alarm_age_minutes >= 5 && var.alarm_age_minutes * 4 <= var.retention_hours * 60
    error_message = "alarm_age_minutes is at least 5, and at most a quarter of the retention: the rest is the time to repair."
  }
}
