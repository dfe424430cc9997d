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
    condition     = var.settings.buffer.recordLimit <= 500 && var.settings.buffer.byteLimit <= 5242880
    error_message = "settings.buffer is at most 500 records and 5242880 bytes: the limits of PutRecords."
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

variable "architecture" {
  description = "arm64 or x86_64: that of instances.type and of the bundle."
  type        = string
}
