variable "name" {
  description = "Name of the group, of its role and of its launch template."
  type        = string
}

variable "instances" {
  description = "Type of the instances, their least and greatest number, and the size of their volume in GB."
  type = object({
    type      = string
    min       = number
    max       = number
    volume_gb = optional(number, 16)
  })

  validation {
    condition     = var.instances.min >= 1 && var.instances.max >= var.instances.min
    error_message = "instances.min is at least 1 and instances.max not below it."
  }
}

variable "platform" {
  description = <<-EOT
    What every group of an environment shares. Account (12 digits); architecture (arm64 or x86_64, that of instances.type, of
    the bundle and of the image); image of Amazon Linux 2023; boundary of the role's permissions (null: none); keys of the volumes (its policy lets Auto Scaling's service-linked role use it, or no instance starts)
    and of the artifacts bucket; key and retention in days of the log group; VPC, private subnets, and where HTTPS to AWS
    services goes (output endpoints of the network module).
  EOT
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

  validation {
    condition     = contains(["arm64", "x86_64"], var.platform.architecture)
    error_message = "platform.architecture is arm64 or x86_64."
  }

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.platform.ami_id))
    error_message = "platform.ami_id is the identifier of one image, such as ami-0123456789abcdef0: a name or parameter would be resolved at each launch."
  }
}

variable "drain_seconds" {
  description = <<-EOT
    Seconds the program may take to finish what it holds when it is stopped; after them systemd kills it and what it held in
    memory is lost or, where it came from a stream, read again. Each termination waits 30 seconds longer than that.
  EOT
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.drain_seconds >= 30 && var.drain_seconds <= 3600
    error_message = "drain_seconds is 30 to 3600: a collector alone serves 10 more seconds before it writes its last batch."
  }
}

variable "health_url" {
  description = <<-EOT
    Where the program answers 200 on the instance while it is well. An instance joins its group when it does; without a target
    group one that has stopped answering for a minute and a half is replaced.
  EOT
  type        = string

  validation {
    condition     = can(regex("^http://127\\.0\\.0\\.1:\\d{1,5}/[a-z0-9/_-]*$", var.health_url))
    error_message = "health_url is such as http://127.0.0.1:8080/health: the instance asks itself."
  }
}

variable "release" {
  description = <<-EOT
    How a change reaches the instances: alarms, by name, that put the old template back while one of them is on (a refresh does not
    start while one is); minutes that a fifth of the new instances serve before the others follow; whether old and new may run
    beside each other (false: the old one ends first).
  EOT
  type = object({
    alarms       = optional(list(string), [])
    bake_minutes = optional(number, 10)
    overlap      = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.release.bake_minutes >= 0 && var.release.bake_minutes <= 2880
    error_message = "release.bake_minutes is 0 to 2880: Auto Scaling's limit of a checkpoint's delay is two days."
  }
}

variable "target_group_arns" {
  description = "Target groups the instances join. With one, its health check decides whether an instance is replaced."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "policies" {
  description = "What the program may do: JSON policy documents by a name that says it. SSM and reading the bundle are always there."
  type        = map(string)
}
