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

variable "platform" {
  description = "What every group of an environment shares, passed through: see the instance-group module."
  type = object({
    account_id               = string
    architecture             = string
    ami_id                   = string
    permissions_boundary_arn = optional(string)
    volume_key_arn           = string
    artifacts_key_arn        = string
    logs = object({
      kms_key_arn    = string
      retention_days = number
    })
    network = object({
      vpc_id     = string
      subnet_ids = list(string)
      endpoints = object({
        security_group_id = string
        prefix_list_ids   = map(string)
      })
    })
  })
}

variable "public_subnet_ids" {
  description = "Subnets of the load balancer, at least two zones."
  type        = list(string)
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

variable "https" {
  description = "Whether there is a certificate, for one that is made in the same apply. Null: when certificate_arn is given."
  type        = bool
  default     = null
}

variable "ipv6" {
  description = "Whether the load balancer answers by IPv6 too: its subnets have IPv6 ranges then. Instances stay behind IPv4."
  type        = bool
  default     = false
  nullable    = false
}

variable "access_log_bucket" {
  description = "Bucket that receives the load balancer's access log, which holds visitors' addresses and requests in clear."
  type        = string
}

variable "bundle" {
  description = "The exact bundle to run with our own engine: bucket, key, version and SHA-256 in hex."
  type = object({
    bucket     = string
    key        = string
    version_id = string
    sha256     = string
  })
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

variable "release" {
  description = <<-EOT
    How a change reaches the instances: whether an alarm of this module puts the old template back (a refresh does not start while
    one is on: set it to false to deploy the repair), and the minutes that a fifth of the new instances serve first.
  EOT
  type = object({
    watch_alarms = optional(bool, true)
    bake_minutes = optional(number, 10)
  })
  default  = {}
  nullable = false
}

variable "alarm_topic_arn" {
  description = "Topic that is notified when nobody takes events, requests fail, or one more fault is an outage."
  type        = string
}
