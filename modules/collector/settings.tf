variable "settings" {
  description = <<-EOT
    Settings of the collector, by Snowplow's own key names: durations such as "365 days", sizes in bytes, timeLimit in ms.
    What is left out keeps Snowplow's default: no bounce, no redirects, no answer at /, no crossdomain.xml, no HSTS. Only our own
    engine has workers (processes; null: one a core), durable (answer when Kinesis has the records), spill (bytes kept on the
    encrypted volume while Kinesis takes none), metrics (Prometheus) and networking.trustedProxies.
  EOT
  type = object({
    cookie = optional(object({
      enabled          = optional(bool, true)
      name             = optional(string, "sp")
      expiration       = optional(string, "90 days")
      domains          = optional(list(string), [])
      fallbackDomain   = optional(string)
      secure           = optional(bool, true)
      httpOnly         = optional(bool, true)
      sameSite         = optional(string, "None")
      clientCookieName = optional(string)
    }), {})
    doNotTrackCookie = optional(object({
      enabled = optional(bool, true)
      name    = string
      value   = string
    }))
    cookieBounce = optional(object({
      enabled                 = optional(bool, true)
      name                    = optional(string, "n3pc")
      fallbackNetworkUserId   = optional(string, "00000000-0000-4000-A000-000000000000")
      forwardedProtocolHeader = optional(string, "X-Forwarded-Proto")
    }))
    cors = optional(object({
      accessControlMaxAge = optional(string, "60 minutes")
    }), {})
    crossDomain = optional(object({
      enabled = optional(bool, true)
      domains = list(string)
      secure  = optional(bool, true)
    }))
    hsts = optional(object({
      enable = optional(bool, true)
      maxAge = optional(string, "365 days")
    }))
    enableDefaultRedirect = optional(bool)
    redirectDomains       = optional(list(string))
    rootResponse = optional(object({
      enabled    = optional(bool, true)
      statusCode = optional(number, 302)
      headers    = optional(map(string), {})
      body       = optional(string, "")
    }))
    paths = optional(map(string), {})
    networking = optional(object({
      maxConnections        = optional(number)
      idleTimeout           = optional(string)
      responseHeaderTimeout = optional(string)
      maxRequestLineLength  = optional(number)
      maxHeadersLength      = optional(number)
      maxPayloadSize        = optional(number, 1048576)
      dropPayloadSize       = optional(number, 2097152)
      trustedProxies        = optional(list(string))
    }), {})
    buffer = optional(object({
      byteLimit   = optional(number, 3145728)
      recordLimit = optional(number, 500)
      timeLimit   = optional(number, 500)
    }), {})
    preTerminationPeriod = optional(string, "10 seconds")
    workers              = optional(number)
    durable              = optional(bool)
    spill                = optional(object({ maxBytes = optional(number, 1073741824) }), {})
    metrics              = optional(object({ port = optional(number, 9145) }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["None", "Lax", "Strict"], var.settings.cookie.sameSite)
    error_message = "settings.cookie.sameSite is None, Lax or Strict."
  }

  validation {
    condition     = var.settings.cookie.sameSite != "None" || var.settings.cookie.secure
    error_message = "settings.cookie.secure is true with sameSite None: browsers refuse such a cookie otherwise, and it would travel in clear."
  }

  validation {
    condition     = var.settings.doNotTrackCookie == null || can(regexall(var.settings.doNotTrackCookie.value, ""))
    error_message = "settings.doNotTrackCookie.value is a regular expression that the whole cookie must match."
  }

  validation {
    condition     = var.settings.crossDomain == null || try(!contains(var.settings.crossDomain.domains, "*"), true)
    error_message = "settings.crossDomain.domains names domains: \"*\" lets a Flash or PDF document of any site send the cookie."
  }

  validation {
    condition = !contains(coalesce(var.settings.redirectDomains, []), "*") && (
      length(coalesce(var.settings.redirectDomains, [])) > 0 || !anytrue(concat(
        [coalesce(var.settings.enableDefaultRedirect, false)],
        [for target in values(var.settings.paths) : startswith(target, "/r/")],
    )))
    error_message = "settings.redirectDomains names the hosts redirected to: without one the collector redirects anybody anywhere."
  }

  validation {
    condition     = try(contains([200, 204, 301, 302, 303, 307, 308, 404], var.settings.rootResponse.statusCode), true)
    error_message = "settings.rootResponse.statusCode is 200, 204, 301, 302, 303, 307, 308 or 404."
  }

  validation {
    condition = alltrue([
      var.settings.buffer.recordLimit >= 1, var.settings.buffer.recordLimit <= 500,
      var.settings.buffer.byteLimit >= 1048576, var.settings.buffer.byteLimit <= 5242880,
      var.settings.buffer.timeLimit >= 1, var.settings.buffer.timeLimit <= 60000,
    ])
    error_message = "settings.buffer is 1 to 500 records, 1048576 to 5242880 bytes (the limits of PutRecords) and at most 60000 ms."
  }

  validation {
    condition     = var.settings.networking.maxPayloadSize >= 1 && var.settings.networking.dropPayloadSize <= 16777216 && var.settings.spill.maxBytes >= 16777216
    error_message = "settings.networking.dropPayloadSize is at most 16777216 bytes (a body is held in memory), settings.spill.maxBytes at least that (two segments)."
  }

  validation {
    condition = alltrue([
      for path in flatten([for from, to in var.settings.paths : [from, to]]) : can(regex("^/[^/]+/[^/]+$", path))
    ])
    error_message = "settings.paths maps a path of two parts, such as /com.example/track, to another such as /com.snowplowanalytics.snowplow/tp2."
  }

  validation {
    condition     = can(regex("^([0-9]|[1-3][0-9]) seconds?$", var.settings.preTerminationPeriod))
    error_message = "settings.preTerminationPeriod is such as 10 seconds, at most 39: an instance has 60 to serve and write what is left."
  }

  validation {
    condition     = var.engine == "snowveil" || alltrue([for own in [var.settings.workers, var.settings.durable, var.settings.networking.trustedProxies] : own == null])
    error_message = "settings has workers, durable or networking.trustedProxies: Snowplow's collector knows none of them."
  }

  validation {
    condition = alltrue([
      for duration in [
        var.settings.cookie.expiration, var.settings.cors.accessControlMaxAge, try(var.settings.hsts.maxAge, null),
        var.settings.networking.idleTimeout, var.settings.networking.responseHeaderTimeout,
      ] : duration == null || can(regex("^[0-9]{1,9} (millisecond|second|minute|hour|day)s?$", duration))
    ])
    error_message = "Durations in settings are such as \"60 minutes\" or \"365 days\"."
  }
}
