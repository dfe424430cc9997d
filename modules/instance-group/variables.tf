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
    What every group of an environment shares. Account (12 digits); architecture (arm64 or x86_64, that of instances.type and
    of the bundle); keys of the volumes (its policy lets Auto Scaling's service-linked role use it, or no instance starts)
    and of the artifacts bucket; key and retention in days of the log group; VPC, private subnets, and where HTTPS to AWS
    services goes (output endpoints of the network module).
  EOT
  type = object({
    account_id        = string
    architecture      = string
    volume_key_arn    = string
    artifacts_key_arn = string
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
