variable "engine" {
  description = "Whose enricher runs: snowveil, from the bundle, or snowplow, their image. Streams, lease table and formats are the same."
  type        = string
  default     = "snowveil"
  nullable    = false

  validation {
    condition     = contains(["snowveil", "snowplow"], var.engine)
    error_message = "engine is snowveil or snowplow."
  }

  validation {
    condition     = var.engine == "snowveil" || var.streams.pii == null
    error_message = "engine is snowveil with a PII stream: Snowplow's Enrich writes none since its version 6."
  }
}

variable "snowplow" {
  description = <<-EOT
    For engine = "snowplow": the ECR repository that holds a copy of snowplow/snowplow-enrich-kinesis, the digest of its
    version 6.x, and accept_limited_use_license. With true you accept, for your organisation, the Snowplow Limited Use License
    Agreement 1.0 (docs.snowplow.io/limited-use-license-1.0) under which Snowplow Analytics licenses that image.
  EOT
  type = object({
    image                      = string
    digest                     = string
    accept_limited_use_license = bool
  })
  default = null

  validation {
    condition     = (var.engine == "snowplow") == (var.snowplow != null)
    error_message = "snowplow (image, digest, licence) is given with engine = \"snowplow\", and only then."
  }

  validation {
    condition     = var.snowplow == null || try(var.snowplow.accept_limited_use_license, false)
    error_message = "snowplow.accept_limited_use_license is true: their image does not start, and may not be run, otherwise."
  }

  validation {
    condition     = var.snowplow == null || can(regex("^sha256:[0-9a-f]{64}$", var.snowplow.digest))
    error_message = "snowplow.digest is sha256: and 64 hexadecimal digits. A tag can be moved, a digest cannot."
  }
}

locals {
  container = var.snowplow == null ? null : { image = var.snowplow.image, digest = var.snowplow.digest }

  # Enrich 6 has no key for the region (docs/reference/wire-contract.md, E.1 Reading): the container's environment says it.
  snowplow_config = {
    license    = { accept = true }
    telemetry  = { disable = true }
    monitoring = var.settings.monitoring
    input      = { for key, value in local.config.input : key => value if !contains(["region", "consumer"], key) }
    output = {
      good = { streamName = var.streams.good.name, partitionKey = var.settings.partitionKey }
      bad  = { streamName = var.streams.bad.name }
    }
    validation    = var.settings.validation
    decompression = var.settings.decompression
  }

  # Ours reads the same files, and their names in its config.
  snowplow_arguments = var.engine == "snowveil" ? [] : ["--iglu-config", local.resolver_path, "--enrichments", local.enrichments_directory]
}
