variable "name" {
  description = "Name of the VPC and first part of the names of what is in it."
  type        = string
}

variable "account_id" {
  description = "The account the endpoints lead to, 12 digits."
  type        = string
}

variable "cidr" {
  description = "IPv4 range of the VPC that is made. Null with existing."
  type        = string
  default     = null

  validation {
    condition     = var.existing != null || can(cidrhost(var.cidr, 0))
    error_message = "cidr is an IPv4 range such as 10.0.0.0/16."
  }
}

variable "zones" {
  description = "Ranges of the two subnets of each availability zone, by the zone's name. A load balancer needs two zones."
  type = map(object({
    public_cidr  = string
    private_cidr = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = var.existing == null ? contains([2, 3], length(var.zones)) : length(var.zones) == 0
    error_message = "zones names two or three availability zones (a load balancer needs two), and none with existing."
  }

  validation {
    condition     = alltrue([for range in flatten([for zone in var.zones : values(zone)]) : can(cidrhost(range, 0))])
    error_message = "zones has an IPv4 range such as 10.0.10.0/24 for each subnet."
  }
}

variable "ipv6" {
  description = "Whether the public subnets of a VPC that is made have IPv6 ranges of Amazon's: for a load balancer that answers by both."
  type        = bool
  default     = false
  nullable    = false
}

variable "interface_endpoints" {
  description = <<-EOT
    AWS services reached without internet, by the last part of their endpoint's name. The private subnets have no other way
    out, so a service missing here (or S3 and DynamoDB, which are always there) cannot be called.
  EOT
  type        = set(string)
  default = [
    "autoscaling", "ec2messages", "kinesis-streams", "kms", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages", "sts",
  ]
  nullable = false

  validation {
    condition     = length(setsubtract(["autoscaling", "kinesis-streams", "kms", "logs"], var.interface_endpoints)) == 0
    error_message = "interface_endpoints holds autoscaling, kinesis-streams, kms and logs: without them no instance joins its group, and no event is read, written or logged."
  }
}

variable "pulls_images" {
  description = "Whether an instance pulls a container image: then ECR's two endpoints are added."
  type        = bool
  default     = false
  nullable    = false
}

variable "readable_object_arns" {
  description = "Objects of other accounts' buckets that instances may read, as ARNs that may end in /*."
  type        = list(string)
  default     = []
  nullable    = false
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

variable "permissions_boundary_arn" {
  description = "Boundary of the role's permissions. Null: none."
  type        = string
  default     = null
}
