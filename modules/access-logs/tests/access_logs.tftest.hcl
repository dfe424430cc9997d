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
      for s in jsondecode(output.policy).Statement : s.Sid => [s.Action, s.Principal.Service, toset(flatten([s.Resource]))] if s.Effect == "Allow"
      } == {
      LoadBalancersOfThisAccountLog = [
        "s3:PutObject", "logdelivery.elasticloadbalancing.amazonaws.com",
        toset(["arn:aws:s3:::snowplow-access-logs/*/AWSLogs/111111111111/*"]),
      ]
      BucketsOfThisProjectLog = [
        "s3:PutObject", "logging.s3.amazonaws.com",
        toset(["arn:aws:s3:::snowplow-access-logs/lake/*", "arn:aws:s3:::snowplow-access-logs/quarantine/*"]),
      ]
      InventoryWrites = ["s3:PutObject", "s3.amazonaws.com", toset(["arn:aws:s3:::snowplow-access-logs/inventory/*"])]
    }
    error_message = "Nothing is allowed but writing, to each service where it writes."
  }

  assert {
    condition = {
      for s in jsondecode(output.policy).Statement : s.Sid => [
        s.Condition.StringEquals["aws:SourceAccount"], toset(s.Condition.ArnLike["aws:SourceArn"]),
      ] if contains(["BucketsOfThisProjectLog", "InventoryWrites"], s.Sid)
      } == {
      for sid in ["BucketsOfThisProjectLog", "InventoryWrites"] : sid => [
        "111111111111", toset(["arn:aws:s3:::lake", "arn:aws:s3:::quarantine"]),
      ]
    }
    error_message = "S3 writes for our own buckets only."
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

run "expiry_too_long" {
  command = plan
  variables {
    expiry_days = 365
  }
  expect_failures = [var.expiry_days]
}

run "no_bucket_names" {
  command = plan
  variables {
    bucket_names = []
  }
  expect_failures = [var.bucket_names]
}
