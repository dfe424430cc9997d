resource "aws_lb" "this" {
  # checkov:skip=CKV2_AWS_28:a web ACL is the environment's decision: it would see, and may log, requests in clear
  # checkov:skip=CKV2_AWS_76:what the web ACL holds is decided where it is made; nothing here runs Java
  # checkov:skip=CKV2_AWS_20:with a certificate port 80 only redirects (listeners.tf)
  name                       = var.name
  load_balancer_type         = "application"
  ip_address_type            = var.ipv6 ? "dualstack" : "ipv4"
  subnets                    = var.public_subnet_ids
  security_groups            = [aws_security_group.load_balancer.id]
  drop_invalid_header_fields = true
  # Not "strictest": it refuses what is merely unusual, such as a pixel's unescaped address, and an event would be lost.
  desync_mitigation_mode     = "defensive"
  enable_deletion_protection = true

  access_logs {
    bucket  = var.access_log_bucket
    prefix  = var.name
    enabled = true
  }
}

resource "aws_lb_target_group" "this" {
  # checkov:skip=CKV_AWS_378:TLS ends at the load balancer; behind it are our own private subnets
  name     = var.name
  vpc_id   = var.platform.network.vpc_id
  protocol = "HTTP"
  port     = local.port
  # Longer than preTerminationPeriod: an instance answers until no request is under way.
  deregistration_delay = 30

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}
