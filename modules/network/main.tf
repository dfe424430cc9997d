data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  # What is made at all: nothing of it in a VPC that exists already.
  made = var.existing == null ? { vpc = var.cidr } : {}

  vpc_id             = var.existing == null ? aws_vpc.this["vpc"].id : data.aws_vpc.existing["vpc"].id
  public_subnet_ids  = var.existing == null ? { for zone, subnet in aws_subnet.public : zone => subnet.id } : var.existing.public_subnet_ids
  private_subnet_ids = var.existing == null ? { for zone, subnet in aws_subnet.private : zone => subnet.id } : var.existing.private_subnet_ids
}

resource "aws_vpc" "this" {
  for_each = local.made

  # checkov:skip=CKV2_AWS_11:flow logs cover the private subnets (flow_logs.tf): the public ones would record visitors' addresses
  cidr_block           = each.value
  enable_dns_support   = true
  enable_dns_hostnames = true

  assign_generated_ipv6_cidr_block = var.ipv6

  tags = { Name = var.name }
}

# Nothing uses the default group; without rules nothing can by mistake.
resource "aws_default_security_group" "closed" {
  for_each = local.made

  vpc_id = aws_vpc.this[each.key].id
}

resource "aws_internet_gateway" "this" {
  for_each = local.made

  vpc_id = aws_vpc.this[each.key].id

  tags = { Name = var.name }
}
