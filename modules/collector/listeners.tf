locals {
  # Said, not seen: a certificate that is made in the same apply has no ARN yet.
  https = var.https == null ? var.certificate_arn != null : var.https

  with_certificate    = local.https ? { certificate = var.certificate_arn } : {}
  without_certificate = local.https ? {} : { trial = aws_lb_target_group.this.arn }
}

resource "aws_lb_listener" "https" {
  for_each = local.with_certificate

  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = each.value

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener" "redirect" {
  for_each = local.with_certificate

  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "plain" {
  # checkov:skip=CKV_AWS_2:exists only while no certificate is given, for trials
  # checkov:skip=CKV_AWS_103:exists only while no certificate is given, for trials
  for_each = local.without_certificate

  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = each.value
  }
}
