variable "existing" {
  description = <<-EOT
    A VPC that exists already, instead of a new one: two or three subnets of the load balancer and as many of the instances, by zone,
    and the security group of its interface endpoints, which lets the private subnets in on 443. It has an endpoint for each of
    interface_endpoints, for S3 and for DynamoDB. What is given is looked up and checked before anything is planned.
  EOT
  type = object({
    vpc_id                     = string
    public_subnet_ids          = map(string)
    private_subnet_ids         = map(string)
    endpoint_security_group_id = string
  })
  default = null

  validation {
    condition     = var.existing == null || try(keys(var.existing.public_subnet_ids) == keys(var.existing.private_subnet_ids), false)
    error_message = "existing has a public and a private subnet in each of its zones."
  }

  validation {
    condition     = var.existing == null || try(contains([2, 3], length(var.existing.private_subnet_ids)), false)
    error_message = "existing has subnets in two or three zones: a load balancer needs two."
  }
}

data "aws_vpc" "existing" {
  for_each = var.existing == null ? {} : { vpc = var.existing.vpc_id }

  id = each.value

  lifecycle {
    postcondition {
      condition     = self.enable_dns_support && self.enable_dns_hostnames
      error_message = "${self.id} has DNS support and DNS host names on: instances find the endpoints by name."
    }
  }
}

locals {
  existing_subnets = var.existing == null ? {} : merge(
    { for zone, id in var.existing.public_subnet_ids : "public-${zone}" => { id = id, zone = zone, public = true } },
    { for zone, id in var.existing.private_subnet_ids : "private-${zone}" => { id = id, zone = zone, public = false } },
  )
}

data "aws_subnet" "existing" {
  for_each = local.existing_subnets

  id = each.value.id

  lifecycle {
    postcondition {
      condition     = self.vpc_id == var.existing.vpc_id && self.availability_zone == each.value.zone
      error_message = "${self.id} is a subnet of ${var.existing.vpc_id} in ${each.value.zone}."
    }

    postcondition {
      condition     = each.value.public || !self.map_public_ip_on_launch
      error_message = "${self.id} gives its instances public addresses: it is not a private subnet."
    }
  }
}

data "aws_route_table" "existing" {
  for_each = local.existing_subnets

  subnet_id = each.value.id

  lifecycle {
    postcondition {
      condition     = anytrue([for route in self.routes : startswith(route.gateway_id, "igw-")]) == each.value.public
      error_message = "Public subnets have a route to an internet gateway, private ones have none: ${each.value.id} is not ${each.key}."
    }
  }
}

data "aws_vpc_endpoint" "existing" {
  for_each = var.existing == null ? toset([]) : setunion(local.services, local.gateways)

  vpc_id       = var.existing.vpc_id
  service_name = "com.amazonaws.${data.aws_region.this.id}.${each.key}"

  lifecycle {
    postcondition {
      condition     = contains(local.gateways, each.key) || contains(self.security_group_ids, var.existing.endpoint_security_group_id)
      error_message = "The endpoint of ${each.key} is behind ${var.existing.endpoint_security_group_id}: instances may call nothing else."
    }
  }
}
