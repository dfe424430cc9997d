# Who may come in is added by the entity that has something to let in.
resource "aws_security_group" "this" {
  name        = var.name
  description = "Instances of ${var.name}: out to AWS services only"
  vpc_id      = var.platform.network.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  security_group_id            = aws_security_group.this.id
  description                  = "HTTPS to the interface endpoints"
  referenced_security_group_id = var.platform.network.endpoints.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "gateways" {
  for_each = var.platform.network.endpoints.prefix_list_ids

  security_group_id = aws_security_group.this.id
  description       = "HTTPS to ${each.key} by its gateway endpoint"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
