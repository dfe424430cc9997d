variable "iglu" {
  description = <<-EOT
    Registries that schemas are looked up in, by name, after the ones vendorPrefixes names, by priority: each a uri that the private
    subnets reach (such as a bucket of this region), or a directory embedded in the program. cacheTtl in seconds. With our
    own engine after the registry in the bundle; null: that one only.
  EOT
  type = object({
    cacheSize = optional(number, 500)
    cacheTtl  = optional(number, 600)
    registries = map(object({
      priority       = optional(number, 0)
      vendorPrefixes = optional(list(string), [])
      uri            = optional(string)
      embedded       = optional(string)
    }))
  })
  default = null

  validation {
    condition     = var.iglu != null || var.engine == "snowveil"
    error_message = "iglu names registries for engine = \"snowplow\": their image holds no schema, and no route leads to Iglu Central."
  }

  validation {
    condition     = alltrue([for registry in try(var.iglu.registries, {}) : (registry.uri == null) != (registry.embedded == null)])
    error_message = "Each of iglu.registries has either a uri or a directory embedded."
  }

  validation {
    condition     = alltrue([for registry in try(var.iglu.registries, {}) : registry.uri == null || can(regex("^(https|s3)://[^@?#]+$", registry.uri))])
    error_message = "A uri in iglu.registries is https:// or s3:// (our own engine) without a user, a query or a key: user data can be read."
  }

  validation {
    condition     = var.iglu == null || try(length(var.iglu.registries) > 0 && var.iglu.cacheSize >= 1 && var.iglu.cacheTtl >= 1, false)
    error_message = "iglu has at least one registry, a cacheSize of at least 1 and a cacheTtl of at least 1 second."
  }
}

locals {
  # Iglu's resolver configuration, as Snowplow's own programs read it.
  resolver = var.iglu == null ? null : {
    schema = "iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-3"
    data = {
      cacheSize = var.iglu.cacheSize
      cacheTtl  = var.iglu.cacheTtl
      repositories = [for name, registry in var.iglu.registries : {
        name           = name
        priority       = registry.priority
        vendorPrefixes = registry.vendorPrefixes
        connection     = { for kind, value in { http = { uri = registry.uri }, embedded = { path = registry.embedded } } : kind => value if one(values(value)) != null }
      }]
    }
  }

  resolver_file = var.iglu == null ? {} : { "iglu.json" = jsonencode(local.resolver) }
  resolver_path = var.iglu == null ? null : "/etc/snowveil/iglu.json"
}

locals {
  # Bucket to the prefixes of the registries in it, below which Iglu's static layout has schemas/.
  bucket_registries = {
    for bucket, prefixes in {
      for uri in compact([for registry in try(var.iglu.registries, {}) : startswith(registry.uri == null ? "" : registry.uri, "s3://") ? registry.uri : ""]) :
      split("/", trimprefix(uri, "s3://"))[0] => trim(join("/", slice(split("/", trimprefix(uri, "s3://")), 1, length(split("/", trimprefix(uri, "s3://"))))), "/")...
    } : bucket => [for prefix in prefixes : prefix == "" ? "schemas/*" : "${prefix}/schemas/*"]
  }
}
