locals {
  gateways = toset(["dynamodb", "s3"])
  services = setunion(var.interface_endpoints, var.pulls_images ? ["ecr.api", "ecr.dkr"] : [])
}

# The gateway to S3 also serves Amazon Linux's own package repositories, from which instances install Python.
resource "aws_vpc_endpoint" "gateway" {
  for_each = var.existing == null ? local.gateways : toset([])

  vpc_id            = local.vpc_id
  service_name      = "com.amazonaws.${data.aws_region.this.id}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private["vpc"].id]
  policy            = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.existing == null ? local.services : toset([])

  vpc_id              = local.vpc_id
  service_name        = "com.amazonaws.${data.aws_region.this.id}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = values(aws_security_group.endpoints)[*].id
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  for_each = local.made

  name        = "${var.name}-endpoints"
  description = "Interface endpoints: HTTPS from the private subnets"
  vpc_id      = local.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = var.zones

  security_group_id = aws_security_group.endpoints["vpc"].id
  description       = "HTTPS from the private subnet of ${each.key}"
  cidr_ipv4         = each.value.private_cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
