variable "engine" {
  description = "Whose collector runs: snowveil, from the bundle, or snowplow, their image. Streams, port and formats are the same."
  type        = string
  default     = "snowveil"
  nullable    = false

  validation {
    condition     = contains(["snowveil", "snowplow"], var.engine)
    error_message = "engine is snowveil or snowplow."
  }
}

variable "snowplow" {
  description = <<-EOT
    For engine = "snowplow": the ECR repository that holds a copy of snowplow/scala-stream-collector-kinesis, the digest of its
    version 3.x, and accept_limited_use_license. With true you accept, for your organisation, the Snowplow Limited Use License
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
  # What only their program knows. It reports nothing to Snowplow: nothing here has a route to them.
  snowplow_only = {
    license   = { accept = true }
    telemetry = { disable = true }
  }

  container = var.snowplow == null ? null : { image = var.snowplow.image, digest = var.snowplow.digest }
}
