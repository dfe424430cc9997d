data "aws_region" "this" {}

resource "aws_vpc" "this" {
  # checkov:skip=CKV2_AWS_11:flow logs cover the private subnets (flow_logs.tf): the public ones would record visitors' addresses
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Nothing uses the default group; without rules nothing can by mistake.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}
