variable "environment" {
  description = "Name of the environment: the directory under environments/."
  type        = string
}

variable "prefix" {
  description = "First part of the name of everything that is made. A change makes everything anew."
  type        = string
  default     = "snowplow"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.prefix))
    error_message = "prefix has 2 to 21 lower-case letters, digits and hyphens: it is part of bucket and load balancer names."
  }
}

variable "account_id" {
  description = "The environment's AWS account, 12 digits. Credentials of another account are refused."
  type        = string

  validation {
    condition     = can(regex("^\\d{12}$", var.account_id))
    error_message = "account_id is the 12 digits of an AWS account."
  }
}

variable "region" {
  description = "Region of everything."
  type        = string
}

variable "architecture" {
  description = "Processor of functions and instances: arm64 or x86_64. The packages in build/ must be made for it."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "access" {
  description = <<-EOT
    Roles of people, made outside this configuration: break_glass reads quarantine, delivery errors and access logs;
    key_custodian sets the key of the pseudonyms; deployer applies this configuration (role_arns of terraform/access).
  EOT
  type = object({
    break_glass_role_arn   = string
    key_custodian_role_arn = string
    deployer_role_arn      = string
  })

  validation {
    condition     = var.access.break_glass_role_arn != var.access.key_custodian_role_arn
    error_message = "Two different roles: who reads originals must not also hold the key of the pseudonyms."
  }
}

variable "network" {
  description = <<-EOT
    Range of the VPC and ranges of the two subnets by availability zone, or a VPC that exists already; the interface endpoints (null:
    all); and whether the load balancer answers by IPv6 too (the public subnets of a VPC that exists need IPv6 ranges for it).
  EOT
  type = object({
    cidr = optional(string)
    zones = optional(map(object({
      public_cidr  = string
      private_cidr = string
    })), {})
    existing = optional(object({
      vpc_id                     = string
      public_subnet_ids          = map(string)
      private_subnet_ids         = map(string)
      endpoint_security_group_id = string
    }))
    interface_endpoints = optional(set(string))
    ipv6                = optional(bool, false)
  })
}

variable "streams" {
  description = <<-EOT
    Shards of each event stream; one not named is on demand. schedules changes them by time of day, for streams that exist
    (modules/event-stream). Retention in hours is what an outage may last. pii: a further stream for what the PII enrichment replaced
    (null: none).
  EOT
  type = object({
    shard_counts    = optional(map(number), {})
    schedules       = optional(map(map(object({ cron = string, shard_count = number }))), {})
    timezone        = optional(string, "UTC")
    retention_hours = optional(number, 168)
    pii             = optional(object({ shard_count = optional(number), retention_hours = optional(number, 168) }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.streams.shard_counts), ["raw-good", "raw-bad", "enriched-good", "enriched-bad"])) == 0
    error_message = "streams.shard_counts names raw-good, raw-bad, enriched-good and enriched-bad only."
  }

  validation {
    condition     = length(setsubtract(keys(var.streams.schedules), keys(var.streams.shard_counts))) == 0
    error_message = "streams.schedules names streams of shard_counts: one on demand has no shards to set."
  }

  validation {
    condition     = var.streams.retention_hours >= 168
    error_message = "streams.retention_hours is at least 168: Firehose retries S3 until the retention ends."
  }
}

variable "lake" {
  description = <<-EOT
    By prefix such as output/: days delivered objects are kept (one not named: for ever), roles that read them (nobody else
    can), move to a cheaper storage class, SQS queue of a Snowpipe. object_lock_days is for a new bucket only. replica_region: a
    second region that keeps a copy of the prefixes that readers has (null: none).
  EOT
  type = object({
    expiry_days       = optional(map(number), {})
    readers           = optional(map(list(string)), {})
    transitions       = optional(map(object({ days = number, storage_class = string })), {})
    loader_queue_arns = optional(map(string), {})
    object_lock_days  = optional(number)
    replica_region    = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.lake.replica_region == null || try(var.lake.replica_region != var.region && length(var.lake.readers) > 0, false)
    error_message = "lake.replica_region is another region than region, and readers names the prefixes that are copied."
  }
}

variable "warehouse" {
  description = <<-EOT
    Snowflake's role, which reads what was delivered; null: there is none. snowflake is the user and the external id of its
    storage integration, once that exists; before, nobody can assume the role (docs/warehouse.md).
  EOT
  type        = object({ snowflake = optional(object({ user_arn = string, external_id = string })) })
  default     = null
}

variable "tags" {
  description = "Tags of everything beside application and environment, such as an owner or a cost centre. They may not replace those two."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setintersection(keys(var.tags), ["Name", "application", "environment"])) == 0
    error_message = "tags has neither application nor environment nor Name: cost reports are grouped by them."
  }
}

variable "permissions_boundary_arn" {
  description = "Boundary of the permissions of every role that is made, for an account whose rules ask for one. Null: none."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "Days logs of functions, deliveries and connections are kept. They hold no event."
  type        = number
  default     = 90
  nullable    = false
}

variable "alarm_emails" {
  description = "Addresses that receive every alarm, once confirmed. None: whoever is on duty subscribes to the topic otherwise."
  type        = set(string)
  default     = []
  nullable    = false
}
