variable "web_acls" {
  description = <<-EOT
    Web ACL in front of the load balancer, by a name that is known before it exists; at most one. A web ACL sees requests in clear, and
    its logs and samples would hold them (modules/firewall keeps neither).
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.web_acls) <= 1
    error_message = "web_acls has at most one entry: a load balancer takes one web ACL."
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  for_each = var.web_acls

  resource_arn = aws_lb.this.arn
  web_acl_arn  = each.value
}
