variable "name" {
  description = "Name of the group, of its role and of the lease table, and beginning of the other tables' names."
  type        = string
}

variable "streams" {
  description = <<-EOT
    The stream that is read (raw) and the two that are written (good, bad): all use the key. pii receives what the PII enrichment
    replaced, original values beside their replacements, under a key of its own. Null: no such stream.
  EOT
  type = object({
    raw         = object({ name = string, arn = string })
    good        = object({ name = string, arn = string })
    bad         = object({ name = string, arn = string })
    kms_key_arn = string
    pii         = optional(object({ name = string, arn = string, kms_key_arn = string }))
  })
}

variable "state_key_arn" {
  description = "Key of the tables."
  type        = string
}

variable "settings" {
  description = "Settings of the enricher, by Snowplow's own key names. initialPosition counts only while no lease exists; consumer is kcl, several instances by the Kinesis Client Library, or polling, one alone."
  type = object({
    initialPosition = optional(string, "TRIM_HORIZON")
    retrievalMode = optional(object({
      type                 = optional(string, "Polling")
      maxRecords           = optional(number, 1000)
      idleTimeBetweenReads = optional(string, "200 milliseconds")
    }), {})
    consumer      = optional(string, "kcl")
    leaseDuration = optional(string, "10 seconds")
    # Of output.good: docs/enricher.md says what it shows of a person. Null: random keys.
    partitionKey = optional(string)
    validation = optional(object({
      acceptInvalid      = optional(bool, false)
      atomicFieldsLimits = optional(map(number), {})
      maxJsonDepth       = optional(number, 50)
    }), {})
    decompression = optional(object({
      maxBytesInBatch       = optional(number, 5242880)
      maxBytesSinglePayload = optional(number, 10000000)
    }), {})
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

  validation {
    condition     = var.settings.validation.maxJsonDepth <= 90 && var.settings.decompression.maxBytesSinglePayload <= 10000000
    error_message = "settings.validation.maxJsonDepth is at most 90 (the pseudonymizer reads 100 levels), settings.decompression.maxBytesSinglePayload 10000000."
  }
}

variable "platform" {
  description = "What every group of an environment shares, passed through: see the instance-group module."
  type = object({
    account_id               = string
    architecture             = string
    ami_id                   = string
    permissions_boundary_arn = optional(string)
    volume_key_arn           = string
    artifacts_key_arn        = string
    logs = object({
      kms_key_arn    = string
      retention_days = number
    })
    network = object({
      vpc_id     = string
      subnet_ids = list(string)
      endpoints = object({
        security_group_id = string
        prefix_list_ids   = map(string)
      })
    })
  })
}

variable "assets" {
  description = <<-EOT
    Objects in S3 that enrichments and registries read (databases, lists, schemas), as ARNs that may end in /*, and the keys of their
    buckets. Null: none.
  EOT
  type = object({
    object_arns  = list(string)
    kms_key_arns = optional(list(string), [])
  })
  default = null

  validation {
    condition     = alltrue([for arn in try(var.assets.object_arns, []) : can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]+/[^*]*(/\\*|[^*])$", arn))])
    error_message = "assets.object_arns names objects, or a prefix that ends in /*: no whole bucket, no other wildcard."
  }
}

variable "release" {
  description = <<-EOT
    How a change reaches the instances: alarms, by name, that put the old template back (a refresh does not start while one is on),
    and the minutes that a fifth of the new instances serve before the others follow.
  EOT
  type = object({
    alarms       = optional(list(string), [])
    bake_minutes = optional(number, 10)
  })
  default  = {}
  nullable = false
}

variable "bundle" {
  description = "The exact bundle to run with our own engine: bucket, key, version and SHA-256 in hex."
  type = object({
    bucket     = string
    key        = string
    version_id = string
    sha256     = string
  })
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
