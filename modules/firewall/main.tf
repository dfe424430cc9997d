# Blocks floods and bodies that the collector would refuse anyway. It keeps no request: no sample, no log, so no identifier.
# docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV_AWS_192:nothing behind it that a request reaches runs Java
  # checkov:skip=CKV2_AWS_31:its log would hold requests, and so identifiers, in clear
  name  = var.name
  scope = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "rate"
    priority = 1

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit              = var.requests_per_address
        aggregate_key_type = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-rate"
      sampled_requests_enabled   = false
    }
  }

  # By the header, not by the body: WAF reads 16 KB of a body at most, and a larger one is an ordinary event.
  # docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
  rule {
    name     = "size"
    priority = 2

    action {
      block {}
    }

    statement {
      regex_match_statement {
        regex_string = "^[0-9]{${var.body_digits + 1},}$"

        field_to_match {
          single_header {
            name = "content-length"
          }
        }

        text_transformation {
          priority = 0
          type     = "NONE"
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-size"
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = false
  }
}
