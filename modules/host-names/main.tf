# Validation by DNS renews the certificate by itself as long as the records stay.
# docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
resource "aws_acm_certificate" "this" {
  domain_name               = local.sorted[0]
  subject_alternative_names = slice(local.sorted, 1, length(local.sorted))
  validation_method         = "DNS"

  # The listener must have its successor before the old one goes.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = var.names

  zone_id = each.value
  name    = local.validations[each.key].resource_record_name
  type    = local.validations[each.key].resource_record_type
  records = [local.validations[each.key].resource_record_value]
  ttl     = 300
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

# An alias: without a charge for queries, and at the top of a zone too.
# docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
resource "aws_route53_record" "this" {
  for_each = local.records

  zone_id = each.value.zone_id
  name    = each.value.name
  type    = each.value.type

  alias {
    name                   = var.load_balancer.dns_name
    zone_id                = var.load_balancer.zone_id
    evaluate_target_health = false
  }
}

locals {
  sorted      = sort(keys(var.names))
  validations = { for option in aws_acm_certificate.this.domain_validation_options : option.domain_name => option }

  records = {
    for pair in setproduct(local.sorted, var.ipv6 ? ["A", "AAAA"] : ["A"]) :
    "${pair[0]} ${pair[1]}" => { name = pair[0], type = pair[1], zone_id = var.names[pair[0]] }
  }
}
