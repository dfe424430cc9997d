variable "name" {
  description = "Name of the VPC and first part of the names of what is in it."
  type        = string
}

variable "cidr" {
  description = "IPv4 range of the VPC."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0))
    error_message = "cidr is an IPv4 range such as 10.0.0.0/16."
  }
}

variable "zones" {
  description = "Ranges of the two subnets of each availability zone, by the zone's name. A load balancer needs two zones."
  type = map(object({
    public_cidr  = string
    private_cidr = string
  }))

  validation {
    condition     = length(var.zones) >= 2
    error_message = "zones names at least two availability zones: a load balancer needs two."
  }
}

variable "interface_endpoints" {
  description = <<-EOT
    AWS services reached without internet, by the last part of their endpoint's name. The private subnets have no other way
    out, so a service missing here (or S3 and DynamoDB, which are always there) cannot be called.
  EOT
  type        = set(string)
  default = [
    "ec2messages", "kinesis-streams", "kms", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages", "sts",
  ]
  nullable = false

  validation {
    condition     = contains(var.interface_endpoints, "kinesis-streams")
    error_message = "interface_endpoints holds kinesis-streams: collector and enricher cannot reach a stream without it."
  }
}

variable "flow_log_retention_days" {
  description = "Days the flow logs of the private subnets are kept."
  type        = number
  default     = 90
  nullable    = false
}

variable "logs_key_arn" {
  description = "Key that encrypts the flow logs."
  type        = string
}
