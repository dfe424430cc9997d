resource "aws_wafv2_web_acl_association" "this" {
  for_each = var.web_acl_arn == null ? {} : { given = var.web_acl_arn }

  resource_arn = aws_lb.this.arn
  web_acl_arn  = each.value
}
