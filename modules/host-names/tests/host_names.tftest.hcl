provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  names         = { "collector.example.com" = "Z1", "events.shop.example" = "Z2" }
  load_balancer = { dns_name = "lb.eu-west-1.elb.amazonaws.com", zone_id = "ZLB" }
}

run "good" {
  command = plan

  assert {
    condition = [
      aws_acm_certificate.this.domain_name, toset(aws_acm_certificate.this.subject_alternative_names), aws_acm_certificate.this.validation_method,
    ] == ["collector.example.com", toset(["collector.example.com", "events.shop.example"]), "DNS"]
    error_message = "One certificate has every name."
  }

  assert {
    condition     = tomap({ for name, record in aws_route53_record.validation : name => record.zone_id }) == var.names
    error_message = "Each name is validated in its own zone."
  }

  assert {
    condition = { for key, record in aws_route53_record.this : key => [record.zone_id, one(record.alias).name] } == {
      "collector.example.com A" = ["Z1", "lb.eu-west-1.elb.amazonaws.com"]
      "events.shop.example A"   = ["Z2", "lb.eu-west-1.elb.amazonaws.com"]
    }
    error_message = "Each name leads to the load balancer."
  }
}

run "ipv6" {
  command = plan
  variables {
    ipv6 = true
  }

  assert {
    condition     = toset([for record in aws_route53_record.this : record.type]) == toset(["A", "AAAA"])
    error_message = "IPv6 has its own records."
  }
}

run "wildcard" {
  command = plan
  variables {
    names = { "*.example.com" = "Z1" }
  }
  expect_failures = [var.names]
}

run "no_name" {
  command = plan
  variables {
    names = {}
  }
  expect_failures = [var.names]
}
