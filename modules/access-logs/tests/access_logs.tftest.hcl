provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name                 = "snowplow-access-logs"
  account_id           = "111111111111"
  bucket_names         = ["lake", "quarantine"]
  break_glass_role_arn = "arn:aws:iam::111111111111:role/break-glass"
}

run "good" {
  command = plan

  assert {
    condition = {
      for s in jsondecode(output.policy).Statement : s.Sid => {
        action    = s.Action
        principal = s.Principal
        resource  = s.Resource
        condition = try(s.Condition, null)
      } if s.Effect == "Allow"
      } == {
      LoadBalancersOfThisAccountLog = {
        action    = "s3:PutObject"
        principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
        resource  = "arn:aws:s3:::snowplow-access-logs/*/AWSLogs/111111111111/*"
        condition = null
      }
      BucketsOfThisProjectLog = {
        action    = "s3:PutObject"
        principal = { Service = "logging.s3.amazonaws.com" }
        resource  = ["arn:aws:s3:::snowplow-access-logs/quarantine/*", "arn:aws:s3:::snowplow-access-logs/lake/*"]
        condition = {
          ArnLike      = { "aws:SourceArn" = ["arn:aws:s3:::quarantine", "arn:aws:s3:::lake"] }
          StringEquals = { "aws:SourceAccount" = "111111111111" }
        }
      }
      InventoryWrites = {
        action    = "s3:PutObject"
        principal = { Service = "s3.amazonaws.com" }
        resource  = "arn:aws:s3:::snowplow-access-logs/inventory/*"
        condition = {
          ArnLike      = { "aws:SourceArn" = ["arn:aws:s3:::quarantine", "arn:aws:s3:::lake"] }
          StringEquals = { "aws:SourceAccount" = "111111111111" }
        }
      }
    }
    error_message = "Nothing is allowed but writing, for this account's log services and inventories."
  }

  assert {
    condition = one([for s in jsondecode(output.policy).Statement : s if s.Sid == "DenyAllButBreakGlass"]) == {
      Sid       = "DenyAllButBreakGlass"
      Effect    = "Deny"
      NotAction = "s3:PutObject"
      Principal = { AWS = "*" }
      Resource  = "arn:aws:s3:::snowplow-access-logs/*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/break-glass" } }
    }
    error_message = "Only break glass reads."
  }
}

run "kept_too_long" {
  command = plan
  variables {
    expiry_days = 365
  }
  expect_failures = [var.expiry_days]
}

run "log_of_no_bucket" {
  command = plan
  variables {
    bucket_names = []
  }
  expect_failures = [var.bucket_names]
}
