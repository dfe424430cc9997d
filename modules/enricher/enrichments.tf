variable "enrichments" {
  description = <<-EOT
    Enrichments by the name in Snowplow's own configuration, such as anon_ip or ua_parser_config. Of each: enabled (default true) and
    parameters, as in that configuration; or secret, with arn and kms_key_arn: where the whole configuration is read from, because
    it holds a key, a password or a salt. Names and parameters are checked here, values by the program before it reads an event.
    With none, our own program runs those in services/enricher/enrichments/defaults; to have none at all, name one with enabled = false.
  EOT
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.enrichments), keys(local.known))) == 0
    error_message = "enrichments has an unknown name: ${join(", ", setsubtract(keys(var.enrichments), keys(local.known)))}."
  }

  validation {
    condition = alltrue([
      for one in var.enrichments : contains(keys(one), "secret") ? keys(one) == ["secret"] && try(keys(one.secret) == ["arn", "kms_key_arn"], false)
      : length(setsubtract(keys(one), ["enabled", "parameters"])) == 0
    ])
    error_message = "Each of enrichments has enabled and parameters, or secret with arn and kms_key_arn, and nothing else."
  }

  validation {
    condition = alltrue([
      for name, one in var.enrichments :
      length(setsubtract(try(keys(one.parameters), []), try(local.known[name].parameters, []))) == 0
    ])
    error_message = "enrichments has a parameter that Snowplow's configuration of that name does not have (modules/enricher/enrichments.tf)."
  }

  validation {
    condition = alltrue([
      for name, one in var.enrichments : contains(keys(one), "secret") || !contains(local.hold_a_secret, name)
    ]) && !can(var.enrichments.api_request_enrichment_config.parameters.api.http.authentication)
    error_message = "An enrichment whose configuration holds a key, a password or a salt is read from a secret: user data can be read."
  }

  validation {
    condition = var.engine == "snowplow" || alltrue([
      for name, one in var.enrichments : !contains(local.left_out, name) || try(one.enabled == false, false)
    ])
    error_message = "enrichments has one that our own engine leaves out (docs/enrichments.md says which, and why)."
  }

  validation {
    condition = alltrue([
      try(contains([1, 2, 3, 4], var.enrichments.anon_ip.parameters.anonOctets), true),
      try(contains([1, 2, 3, 4, 5, 6, 7, 8], var.enrichments.anon_ip.parameters.anonSegments), true),
    ])
    error_message = "enrichments.anon_ip masks 1 to 4 octets (anonOctets) and 1 to 8 segments (anonSegments)."
  }
}

locals {
  vendor = "com.snowplowanalytics.snowplow"

  hold_a_secret = ["currency_conversion_config", "pii_enrichment_config", "sql_query_enrichment_config", "weather_enrichment_config"]

  left_out = [
    "currency_conversion_config", "event_spec_enrichment_config", "javascript_script_config", "sql_query_enrichment_config",
    "user_agent_utils_config", "weather_enrichment_config", "yauaa_enrichment_config",
  ]

  # Vendor, version and parameters of each configuration's schema.
  known = {
    anon_ip                           = { vendor = local.vendor, version = "1-0-1", parameters = ["anonOctets", "anonSegments"] }
    ip_lookups                        = { vendor = local.vendor, version = "2-0-1", parameters = ["asn", "connectionType", "domain", "geo", "isp"] }
    ua_parser_config                  = { vendor = local.vendor, version = "1-0-1", parameters = ["database", "uri"] }
    user_agent_utils_config           = { vendor = local.vendor, version = "1-0-0", parameters = [] }
    referer_parser                    = { vendor = local.vendor, version = "2-0-1", parameters = ["database", "internalDomains", "referrers", "uri"] }
    campaign_attribution              = { vendor = local.vendor, version = "1-0-1", parameters = ["fields", "mapping"] }
    event_fingerprint_config          = { vendor = local.vendor, version = "1-0-1", parameters = ["excludeParameters", "hashAlgorithm"] }
    cookie_extractor_config           = { vendor = local.vendor, version = "1-0-0", parameters = ["cookies"] }
    javascript_script_config          = { vendor = local.vendor, version = "1-0-1", parameters = ["config", "script"] }
    asn_lookups                       = { vendor = local.vendors, version = "1-0-0", parameters = ["botAsns", "botAsnsFile", "bypassPlatforms"] }
    bot_detection_enrichment_config   = { vendor = local.vendors, version = "1-0-0", parameters = ["useAsnLookups", "useClientSideDetection", "useIab", "useYauaa"] }
    yauaa_enrichment_config           = { vendor = local.vendors, version = "1-0-0", parameters = ["cacheSize"] }
    iab_spiders_and_robots_enrichment = { vendor = local.vendors, version = "1-0-1", parameters = ["excludeUseragentFile", "excludeUseragents", "includeUseragentFile", "includeUseragents", "ipFile"] }
    http_header_extractor_config      = { vendor = local.vendors, version = "1-0-0", parameters = ["headersPattern"] }
    api_request_enrichment_config     = { vendor = local.vendors, version = "1-0-2", parameters = ["api", "cache", "ignoreOnError", "inputs", "outputs"] }
    currency_conversion_config        = { vendor = local.vendor, version = "1-0-0", parameters = [] }
    weather_enrichment_config         = { vendor = local.vendors, version = "1-0-0", parameters = [] }
    sql_query_enrichment_config       = { vendor = local.vendors, version = "1-0-0", parameters = [] }
    pii_enrichment_config             = { vendor = local.vendors, version = "2-0-0", parameters = [] }
    cross_navigation_config           = { vendor = local.vendors, version = "1-0-0", parameters = [] }
    event_spec_enrichment_config      = { vendor = local.vendors, version = "1-0-0", parameters = ["database", "uri"] }
  }
  vendors = "${local.vendor}.enrichments"

  enrichment_files = {
    for name, one in var.enrichments : "enrichments/${name}.json" => jsonencode({
      schema = "iglu:${local.known[name].vendor}/${name}/jsonschema/${local.known[name].version}"
      data = merge(
        { vendor = local.known[name].vendor, name = name, enabled = try(one.enabled, true) },
        { for key, value in one : key => value if key == "parameters" },
      )
    }) if contains(keys(local.known), name) && !contains(keys(one), "secret")
  }

  secret_enrichment_files = {
    for name, one in var.enrichments : "enrichments/${name}.json" => one.secret if can(one.secret.arn)
  }

  enrichments_directory = "/etc/snowveil/enrichments"
}
