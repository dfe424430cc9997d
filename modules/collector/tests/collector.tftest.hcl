provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name              = "snowplow-collector"
  access_log_bucket = "logs"
  alarm_topic_arn   = "arn:aws:sns:eu-west-1:111111111111:alarms"
  bundle            = { bucket = "artifacts", key = "bundles/collector.tar.gz", version_id = "v1", sha256 = "abc123" }
  instances         = { type = "t4g.small", min = 2, max = 4 }
  public_subnet_ids = ["subnet-1", "subnet-2"]
  streams = {
    good        = { name = "raw-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-good" }
    bad         = { name = "raw-bad", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-bad" }
    kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/streams"
  }
  platform = {
    account_id        = "111111111111"
    architecture      = "arm64"
    ami_id            = "ami-0123456789abcdef0"
    volume_key_arn    = "arn:aws:kms:eu-west-1:111111111111:key/volumes"
    artifacts_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/services"
    logs              = { kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs", retention_days = 30 }
    network = {
      vpc_id     = "vpc-1"
      subnet_ids = ["subnet-3", "subnet-4"]
      endpoints  = { security_group_id = "sg-endpoints", prefix_list_ids = { s3 = "pl-s3" } }
    }
  }
}

run "trial_without_certificate" {
  command = plan

  assert {
    condition     = local.config.collector.streams.bad.name == "raw-bad" && !can(local.config.collector.cookie.fallbackDomain)
    error_message = "The config names the streams and leaves out what is not set."
  }

  assert {
    condition     = startswith(local.config.collector.spill.directory, "/var/lib/snowveil-collector/")
    error_message = "What Kinesis does not take waits in the unit's state directory, which outlives the program."
  }

  assert {
    condition = {
      for s in jsondecode(data.aws_iam_policy_document.write_streams.json).Statement :
      join(" ", sort(flatten([s.Resource]))) => toset(flatten([s.Action]))
      } == {
      "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-bad arn:aws:kinesis:eu-west-1:111111111111:stream/raw-good" = toset([
        "kinesis:DescribeStreamSummary", "kinesis:PutRecords",
      ])
      "arn:aws:kms:eu-west-1:111111111111:key/streams" = toset(["kms:GenerateDataKey"])
    }
    error_message = "The collector writes its two streams; it cannot read or decrypt one."
  }

  assert {
    condition = alltrue([
      aws_lb.this.drop_invalid_header_fields, aws_lb.this.desync_mitigation_mode == "defensive",
      one(aws_lb.this.access_logs).enabled, length(aws_wafv2_web_acl_association.this) == 0,
    ])
    error_message = "The load balancer drops what could smuggle a request, and logs."
  }

  assert {
    condition = alltrue([
      one(one(aws_autoscaling_policy.requests.target_tracking_configuration).predefined_metric_specification).predefined_metric_type == "ALBRequestCountPerTarget",
      one(aws_autoscaling_policy.requests.target_tracking_configuration).target_value == 30000,
    ])
    error_message = "The number of instances follows the requests."
  }

  assert {
    condition     = jsondecode(file("tests/default.json")) == jsondecode(jsonencode(local.config))
    error_message = "Without settings the config is tests/default.json: what Python's contract test lets the collector read."
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.client : rule.from_port] == [80]
    error_message = "Port 80 is open, nothing else."
  }
}

run "with_certificate" {
  command = plan
  variables {
    certificate_arn = "arn:aws:acm:eu-west-1:111111111111:certificate/c"
    web_acls        = { given = "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/a/b" }
  }

  assert {
    condition     = aws_wafv2_web_acl_association.this["given"].web_acl_arn == var.web_acls.given
    error_message = "The web ACL stands in front of the load balancer."
  }

  assert {
    condition     = length(aws_lb_listener.plain) == 0
    error_message = "With a certificate no request is forwarded in clear."
  }

  assert {
    condition     = one(one(aws_lb_listener.redirect["certificate"].default_action).redirect).status_code == "HTTP_301"
    error_message = "Port 80 only redirects."
  }

  assert {
    condition     = startswith(aws_lb_listener.https["certificate"].ssl_policy, "ELBSecurityPolicy-TLS13-")
    error_message = "TLS 1.2 and 1.3 only."
  }
}

run "name_too_long" {
  command = plan
  variables {
    name = "a-name-longer-than-a-load-balancer-may-have"
  }
  expect_failures = [var.name]
}

run "requests_per_instance_too_low" {
  command = plan
  variables {
    requests_per_instance = 1
  }
  expect_failures = [var.requests_per_instance]
}

run "certificate_that_does_not_exist_yet" {
  command = plan
  variables {
    https = true
  }

  assert {
    condition     = keys(aws_lb_listener.https) == ["certificate"] && length(aws_lb_listener.plain) == 0
    error_message = "With a certificate that is made in the same apply, port 80 only redirects."
  }
}

run "ipv6" {
  command = plan
  variables {
    ipv6 = true
  }

  assert {
    condition = alltrue([
      aws_lb.this.ip_address_type == "dualstack",
      toset([for rule in aws_vpc_security_group_ingress_rule.client : coalesce(rule.cidr_ipv4, rule.cidr_ipv6)]) == toset(["0.0.0.0/0", "::/0"]),
    ])
    error_message = "Trackers come in by IPv6 as by IPv4."
  }
}

run "two_web_acls" {
  command = plan
  variables {
    web_acls = { a = "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/a/a", b = "arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/b/b" }
  }
  expect_failures = [var.web_acls]
}
