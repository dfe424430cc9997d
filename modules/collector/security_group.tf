locals {
  # Everybody by the one is everybody by the other.
  client_cidrs = setunion(var.client_cidrs, var.ipv6 && contains(var.client_cidrs, "0.0.0.0/0") ? ["::/0"] : [])

  client_rules = {
    for rule in setproduct(local.client_cidrs, local.https ? [80, 443] : [80]) :
    "${rule[0]} to ${rule[1]}" => { cidr = rule[0], port = rule[1] }
  }
}

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-load-balancer"
  description = "Trackers in, collector instances out"
  vpc_id      = var.platform.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "client" {
  for_each = local.client_rules

  security_group_id = aws_security_group.load_balancer.id
  description       = "Trackers"
  cidr_ipv4         = strcontains(each.value.cidr, ":") ? null : each.value.cidr
  cidr_ipv6         = strcontains(each.value.cidr, ":") ? each.value.cidr : null
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "instances" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "Requests and health checks"
  referenced_security_group_id = module.instances.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  security_group_id            = module.instances.security_group_id
  description                  = "Requests and health checks of the load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}
