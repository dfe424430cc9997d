variable "name" {
  description = "Name of the load balancer, the group and its role."
  type        = string

  validation {
    condition     = length(var.name) <= 32
    error_message = "name has at most 32 characters: a load balancer's limit."
  }
}

variable "streams" {
  description = "The streams written to: good for events, bad for requests that are too large. Both use the key."
  type = object({
    good        = object({ name = string, arn = string })
    bad         = object({ name = string, arn = string })
    kms_key_arn = string
  })
}

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
    condition     = can(regex("^([0-9]|[1-3][0-9]) seconds?$", var.settings.preTerminationPeriod))
    error_message = "settings.preTerminationPeriod is such as 10 seconds, at most 39: an instance has 60 to serve and write what is left."
  }
}

variable "network" {
  description = "VPC, subnets of the load balancer (public) and of the instances (private), and where HTTPS to AWS services goes."
  type = object({
    vpc_id             = string
    public_subnet_ids  = list(string)
    private_subnet_ids = list(string)
    endpoints = object({
      security_group_id = string
      prefix_list_ids   = map(string)
    })
  })
}

variable "client_cidrs" {
  description = "Who may send events. The default is everybody: trackers run in browsers."
  type        = set(string)
  default     = ["0.0.0.0/0"]
  nullable    = false
}

variable "certificate_arn" {
  description = "Certificate of the collector's host name. Null: plain HTTP, for trials only, since requests carry identifiers."
  type        = string
  default     = null
}

variable "access_log_bucket" {
  description = "Bucket that receives the load balancer's access log, which holds visitors' addresses and requests in clear."
  type        = string
}

variable "bundle" {
  description = "The exact bundle to run: bucket, key, version and SHA-256 in hex."
  type = object({
    bucket     = string
    key        = string
    version_id = string
    sha256     = string
  })
}

variable "bundle_key_arn" {
  description = "Key of the artifacts bucket."
  type        = string
}

variable "instances" {
  description = "Type of the instances and their least and greatest number."
  type = object({
    type = string
    min  = number
    max  = number
  })
}

variable "requests_per_instance" {
  description = "Requests a minute one instance should get: Auto Scaling adds and ends instances to keep it so."
  type        = number
  default     = 30000
  nullable    = false

  validation {
    condition     = var.requests_per_instance >= 100
    error_message = "requests_per_instance is at least 100 a minute: below that a handful of visitors starts every instance."
  }
}

variable "web_acl_arn" {
  description = "WAF web ACL in front of the load balancer. Null: none. A web ACL sees requests in clear, and its logs would hold them."
  type        = string
  default     = null
}

variable "architecture" {
  description = "arm64 or x86_64: that of instances.type and of the bundle."
  type        = string
}

variable "account_id" {
  description = "The account everything is in, 12 digits."
  type        = string
}

variable "volume_key_arn" {
  description = "Key of the instances' volumes. Its policy lets Auto Scaling's service-linked role use it."
  type        = string
}

variable "logs" {
  description = "Key and retention in days of the log group that the program's output is shipped to."
  type = object({
    kms_key_arn    = string
    retention_days = number
  })
}
