variable "name" {
  description = "Name of the group, of its role and of the lease table, and beginning of the other tables' names."
  type        = string
}

variable "account_id" {
  description = "The account everything is in, 12 digits."
  type        = string
}

variable "streams" {
  description = "The stream that is read (raw) and the two that are written (good, bad). All use the key."
  type = object({
    raw         = object({ name = string, arn = string })
    good        = object({ name = string, arn = string })
    bad         = object({ name = string, arn = string })
    kms_key_arn = string
  })
}

variable "state_key_arn" {
  description = "Key of the tables."
  type        = string
}

variable "settings" {
  description = "What the enricher can be told, by Snowplow's own key names. initialPosition counts only while no lease exists; consumer is kcl, several instances by the Kinesis Client Library, or polling, one alone."
  type = object({
    initialPosition = optional(string, "TRIM_HORIZON")
    retrievalMode = optional(object({
      type                 = optional(string, "Polling")
      maxRecords           = optional(number, 1000)
      idleTimeBetweenReads = optional(string, "200 milliseconds")
    }), {})
    consumer      = optional(string, "kcl")
    leaseDuration = optional(string, "10 seconds")
    monitoring = optional(object({
      healthProbe = optional(object({
        port             = optional(number, 8000)
        unhealthyLatency = optional(string, "2 minutes")
      }), {})
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["kcl", "polling"], var.settings.consumer)
    error_message = "settings.consumer is kcl, for one of a fleet, or polling, for the only reader of the stream."
  }

  validation {
    condition     = var.settings.initialPosition == "TRIM_HORIZON"
    error_message = "settings.initialPosition is TRIM_HORIZON: LATEST loses what was collected before the first start."
  }
}

variable "network" {
  description = "VPC, subnets of the instances, and where HTTPS to AWS services goes."
  type = object({
    vpc_id             = string
    private_subnet_ids = list(string)
    endpoints = object({
      security_group_id = string
      prefix_list_ids   = map(string)
    })
  })
}

variable "bundle" {
  description = "The exact bundle to run: bucket, key, version and SHA-256 in hex."
  type = object({
    bucket     = string
    key        = string
    version_id = string
    sha256     = string
  })
}

variable "bundle_key_arn" {
  description = "Key of the artifacts bucket."
  type        = string
}

variable "instances" {
  description = "Type of the instances and their least and greatest number."
  type = object({
    type = string
    min  = number
    max  = number
  })

  validation {
    condition     = var.settings.consumer == "kcl" || (var.instances.min == 1 && var.instances.max == 1)
    error_message = "instances.min and max are 1 with settings.consumer = \"polling\": several would each read every shard, and double every event."
  }
}

variable "architecture" {
  description = "arm64 or x86_64: that of instances.type and of the bundle."
  type        = string
}

variable "volume_key_arn" {
  description = "Key of the instances' volumes. Its policy lets Auto Scaling's service-linked role use it."
  type        = string
}

variable "logs" {
  description = "Key and retention in days of the log group that the program's output is shipped to."
  type = object({
    kms_key_arn    = string
    retention_days = number
  })
}
