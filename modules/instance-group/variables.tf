variable "name" {
  description = "Name of the group, of its role and of its launch template."
  type        = string
}

variable "program" {
  description = "The program the instances run: the package services.<program> of the bundle."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]*$", var.program))
    error_message = "program is the name of a Python package under services/."
  }
}

variable "packages" {
  description = "Packages of Amazon Linux that the program needs beside Python."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "config" {
  description = "Content of /etc/snowveil/<program>.json. It is readable in the launch template: no secret in it."
  type        = string

  validation {
    condition     = can(jsondecode(var.config))
    error_message = "config is JSON."
  }
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

variable "architecture" {
  description = "arm64 or x86_64: that of instances.type and of the bundle."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64."
  }
}

variable "network" {
  description = "VPC, private subnets, and where HTTPS to AWS services goes (output endpoints of the network module)."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
    endpoints = object({
      security_group_id = string
      prefix_list_ids   = map(string)
    })
  })
}

variable "account_id" {
  description = "The account everything is in, 12 digits."
  type        = string
}

variable "volume_key_arn" {
  description = "Key of the volumes. Its policy lets Auto Scaling's service-linked role use it, or no instance starts."
  type        = string
}

variable "logs" {
  description = "Key and retention in days of the log group that the program's output is shipped to."
  type = object({
    kms_key_arn    = string
    retention_days = number
  })
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

variable "bundle_key_arn" {
  description = "Key of the artifacts bucket."
  type        = string
}
