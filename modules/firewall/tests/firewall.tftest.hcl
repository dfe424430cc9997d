provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name = "snowplow-collector"
}

run "good" {
  command = plan

  assert {
    condition = {
      for rule in aws_wafv2_web_acl.this.rule : rule.name => try(
        one(one(rule.statement).rate_based_statement).limit, one(one(rule.statement).regex_match_statement).regex_string,
      )
      } == {
      rate = 10000
      size = "^[0-9]{8,}$"
    }
    error_message = "Floods and bodies larger than any event are blocked."
  }

  assert {
    condition = alltrue([
      for config in concat([one(aws_wafv2_web_acl.this.visibility_config)], [for rule in aws_wafv2_web_acl.this.rule : one(rule.visibility_config)]) :
      !config.sampled_requests_enabled
    ])
    error_message = "No sample of a request is kept: it would show identifiers."
  }
}

run "rate_limit_too_low" {
  command = plan
  variables {
    requests_per_address = 10
  }
  expect_failures = [var.requests_per_address]
}

run "body_limit_too_small" {
  command = plan
  variables {
    body_digits = 6
  }
  expect_failures = [var.body_digits]
}
