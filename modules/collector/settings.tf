variable "settings" {
  description = "What the collector can be told, by Snowplow's own key names; durations such as \"365 days\", sizes in bytes, timeLimit in ms."
  type = object({
    cookie = optional(object({
      enabled        = optional(bool, true)
      name           = optional(string, "sp")
      expiration     = optional(string, "365 days")
      domains        = optional(list(string), [])
      fallbackDomain = optional(string)
      secure         = optional(bool, true)
      httpOnly       = optional(bool, true)
      sameSite       = optional(string, "None")
    }), {})
    cors = optional(object({
      accessControlMaxAge = optional(string, "60 minutes")
    }), {})
    paths = optional(map(string), {})
    networking = optional(object({
      maxPayloadSize  = optional(number, 1048576)
      dropPayloadSize = optional(number, 2097152)
    }), {})
    buffer = optional(object({
      byteLimit   = optional(number, 3145728)
      recordLimit = optional(number, 500)
      timeLimit   = optional(number, 500)
    }), {})
    preTerminationPeriod = optional(string, "10 seconds")
    workers              = optional(number)
    durable              = optional(bool, false)
    spill = optional(object({
      maxBytes = optional(number, 1073741824)
    }), {})
    metrics = optional(object({
      port = optional(number, 9145)
    }), {})
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
    condition = alltrue([
      var.settings.buffer.recordLimit >= 1, var.settings.buffer.recordLimit <= 500,
      var.settings.buffer.byteLimit >= 1048576, var.settings.buffer.byteLimit <= 5242880,
      var.settings.buffer.timeLimit >= 1, var.settings.buffer.timeLimit <= 60000,
    ])
    error_message = "settings.buffer is 1 to 500 records, 1048576 to 5242880 bytes (the limits of PutRecords) and at most 60000 ms."
  }

  validation {
    condition     = var.settings.networking.maxPayloadSize >= 1 && var.settings.networking.dropPayloadSize <= 16777216
    error_message = "settings.networking.dropPayloadSize is at most 16777216 bytes: a body is held in memory."
  }

  validation {
    condition = alltrue([
      for from, to in var.settings.paths : can(regex("^/[^/]+/[^/]+$", from)) && can(regex("^/[^/]+/[^/]+$", to)) && !startswith(to, "/r/")
    ])
    error_message = "settings.paths maps a path of two parts, such as /com.example/track, to another such as /com.snowplowanalytics.snowplow/tp2."
  }

  validation {
    condition     = var.settings.spill.maxBytes >= 16777216
    error_message = "settings.spill.maxBytes is at least 16777216 bytes (two segments), and has to fit the instances' volume."
  }

  validation {
    condition     = can(regex("^([0-9]|[1-3][0-9]) seconds?$", var.settings.preTerminationPeriod))
    error_message = "settings.preTerminationPeriod is such as 10 seconds, at most 39: an instance has 60 to serve and write what is left."
  }
}
