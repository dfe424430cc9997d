variable "collector" {
  description = <<-EOT
    Instances of the collector, requests a minute each should get, certificate of its host name, or host_names, each with its Route 53
    zone, for which one is made (neither: plain HTTP, for trials), a web ACL that exists or a firewall that is made, whose program runs
    (engine), and its settings by Snowplow's key names (modules/collector says which).
  EOT
  type = object({
    instances             = object({ type = string, min = number, max = number })
    requests_per_instance = optional(number)
    certificate_arn       = optional(string)
    client_cidrs          = optional(set(string), ["0.0.0.0/0"])
    host_names            = optional(map(string), {})
    web_acl_arn           = optional(string)
    firewall              = optional(object({ requests_per_address = optional(number), body_digits = optional(number) }))
    settings              = optional(any, {})
    engine                = optional(string, "snowveil")
    snowplow              = optional(object({ image = string, digest = string, accept_limited_use_license = bool }))
  })

  validation {
    condition     = var.collector.certificate_arn == null || length(var.collector.host_names) == 0
    error_message = "collector has a certificate_arn or host_names, for which a certificate is made, not both."
  }

  validation {
    condition     = var.collector.web_acl_arn == null || var.collector.firewall == null
    error_message = "collector has a web_acl_arn or a firewall that is made, not both: a load balancer takes one."
  }
}

variable "enricher" {
  description = <<-EOT
    Instances of the enricher, whose program runs (engine), its settings, enrichments by Snowplow's names, the registries of
    schemas, and the objects in S3 that both may read (modules/enricher says what each holds).
  EOT
  type = object({
    instances   = object({ type = string, min = number, max = number })
    settings    = optional(any, {})
    enrichments = optional(any, {})
    iglu        = optional(any)
    assets      = optional(object({ object_arns = list(string), kms_key_arns = optional(list(string), []) }))
    engine      = optional(string, "snowveil")
    snowplow    = optional(object({ image = string, digest = string, accept_limited_use_license = bool }))
  })
}

variable "ami_id" {
  description = "Image of every instance, Amazon Linux 2023 of the architecture: `make ami ENV=` shows the newest. A newer one is a change like any other."
  type        = string
  nullable    = false
}

variable "releases" {
  description = <<-EOT
    How a change reaches the instances: whether an alarm puts the old template back (a refresh does not start while one is on: false
    deploys the repair of what is alarming), and the minutes that a fifth of the new instances serve before the others follow.
  EOT
  type = object({
    watch_alarms = optional(bool, true)
    bake_minutes = optional(number, 10)
  })
  default  = {}
  nullable = false
}

variable "pseudonymizer" {
  description = <<-EOT
    Memory in MB, and executions reserved for each of the three functions (null: share the account's pool); the check values of
    the keys that they may use, as scripts/set_key.py prints them. While stable_versions names a function's version by its delivery,
    the newest transforms new_version_share of the batches only.
  EOT
  type = object({
    memory_mb            = optional(number, 1024)
    reserved_concurrency = optional(number)
    key_checks           = optional(list(string), [])
    stable_versions      = optional(map(string), {})
    new_version_share    = optional(number, 0.1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.pseudonymizer.stable_versions), ["output", "enriched-bad", "raw-bad"])) == 0
    error_message = "pseudonymizer.stable_versions names the deliveries output, enriched-bad and raw-bad only."
  }
}
