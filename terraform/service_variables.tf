variable "collector" {
  description = <<-EOT
    Instances of the collector, requests a minute each should get, certificate of its host name (null: plain HTTP, for
    trials), web ACL, whose program runs (engine), and its settings by Snowplow's key names (modules/collector says which).
  EOT
  type = object({
    instances             = object({ type = string, min = number, max = number })
    requests_per_instance = optional(number)
    certificate_arn       = optional(string)
    client_cidrs          = optional(set(string), ["0.0.0.0/0"])
    web_acl_arn           = optional(string)
    settings              = optional(any, {})
    engine                = optional(string, "snowveil")
    snowplow              = optional(object({ image = string, digest = string, accept_limited_use_license = bool }))
  })
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
