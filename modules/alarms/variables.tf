variable "name" {
  description = "Name of the topic."
  type        = string
}

variable "account_id" {
  description = "The account whose alarms and buckets may send, 12 digits."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the messages. Its policy lets cloudwatch.amazonaws.com and s3.amazonaws.com use it, or nothing is sent."
  type        = string

  validation {
    condition     = !strcontains(var.kms_key_arn, "alias/")
    error_message = "kms_key_arn is the ARN of a key of one's own: the alias aws/sns lets no alarm send."
  }
}

variable "emails" {
  description = "Addresses that receive every alarm. None: whoever is on duty subscribes to the topic by other means."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.emails : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "Every entry of emails is an address such as on-call@example.com."
  }
}
