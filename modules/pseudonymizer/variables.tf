variable "name" {
  description = "Name of the function and of its role."
  type        = string
}

variable "account_id" {
  description = "The account everything is in, 12 digits."
  type        = string
}

variable "delivery" {
  description = "The delivery whose records the function transforms; it may quarantine under quarantine/<delivery>/ only."
  type        = string

  validation {
    condition     = contains(["output", "enriched-bad", "raw-bad"], var.delivery)
    error_message = "delivery is output, enriched-bad or raw-bad: the formats the pseudonymizer knows."
  }
}

variable "package" {
  description = "The function's zip on the machine that applies, and the base64 SHA-256 of its content."
  type = object({
    path         = string
    base64sha256 = string
  })
}

variable "architecture" {
  description = "arm64 or x86_64: the one the package was made for."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "memory_mb" {
  description = "Memory of one execution. CPU comes with it: one core at 1769 MB."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = var.memory_mb >= 512 && var.memory_mb <= 10240
    error_message = "memory_mb is 512 to 10240: a batch of 3 MB is held several times over."
  }
}

variable "timeout_seconds" {
  description = "Seconds one batch may take. Firehose waits five minutes at most, then counts a failure."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 30 && var.timeout_seconds <= 300
    error_message = "timeout_seconds is 30 to 300: Firehose gives up on a function after five minutes."
  }
}

variable "reserved_concurrency" {
  description = <<-EOT
    Executions kept for this function alone, which are also its limit. Firehose runs about one per shard; a throttled batch
    is retried three times and then written to the error prefix. Null: share the account's pool with every other function.
  EOT
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 1, false)
    error_message = "reserved_concurrency of 0 would send every record to the error prefix; null means not reserved."
  }
}

variable "key_secret" {
  description = "The pseudonyms' secret key: ARN of the secret and of the key that encrypts it."
  type = object({
    arn         = string
    kms_key_arn = string
  })
}

variable "key_checks" {
  description = <<-EOT
    Check values of the keys that may be used, as scripts/set_key.py prints them: under any other key the function fails before
    it touches a record. Two while a key is rotated; none only before the environment's first key is set.
  EOT
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for check in var.key_checks : can(regex("^[0-9a-f]{64}$", check))])
    error_message = "key_checks are the 64 hexadecimal digits that scripts/set_key.py prints."
  }
}

variable "quarantine" {
  description = "Where records go that cannot be parsed: bucket, its ARN and its own key."
  type = object({
    bucket      = string
    arn         = string
    kms_key_arn = string
  })
}

variable "environment_key_arn" {
  description = "Key that encrypts the environment variables. They hold names, no secret."
  type        = string
}

variable "logs" {
  description = "Key and retention in days of the function's log group."
  type = object({
    kms_key_arn    = string
    retention_days = number
  })
}

variable "alarm_topic_arn" {
  description = "Topic that is notified of the first record that fails or is quarantined."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Boundary of the role's permissions. Null: none."
  type        = string
  default     = null
}
