provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name        = "snowplow-warehouse"
  lake_arn    = "arn:aws:s3:::lake"
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/lake"
  prefixes    = ["output/", "enriched-bad/", "raw-bad/"]
}

run "nobody_assumes_it_before_snowflake_is_known" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Sid = "NobodyYet", Effect = "Deny", Action = "sts:AssumeRole", Principal = { AWS = "*" }
    }]
    error_message = "The trust is a denial to everybody."
  }

  assert {
    condition = toset(flatten([
      for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Resource if s.Sid == "ReadDelivered"
    ])) == toset(["arn:aws:s3:::lake/output/*", "arn:aws:s3:::lake/enriched-bad/*", "arn:aws:s3:::lake/raw-bad/*"])
    error_message = "It reads the three prefixes."
  }
}

run "one_user_with_its_external_id" {
  command = plan
  variables {
    snowflake = { user_arn = "arn:aws:iam::222222222222:user/abc-s", external_id = "EX_SFCRole=1" }
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Sid       = "Snowflake", Effect = "Allow", Action = "sts:AssumeRole",
      Principal = { AWS = "arn:aws:iam::222222222222:user/abc-s" },
      Condition = { StringEquals = { "sts:ExternalId" = "EX_SFCRole=1" } }
    }]
    error_message = "Snowflake's user assumes it, with the external id."
  }
}

run "pattern_of_users" {
  command = plan
  variables {
    snowflake = { user_arn = "arn:aws:iam::222222222222:user/*", external_id = "EX_SFCRole=1" }
  }
  expect_failures = [var.snowflake]
}

run "no_external_id" {
  command = plan
  variables {
    snowflake = { user_arn = "arn:aws:iam::222222222222:user/abc-s", external_id = "" }
  }
  expect_failures = [var.snowflake]
}

run "whole_lake" {
  command = plan
  variables {
    prefixes = ["/"]
  }
  expect_failures = [var.prefixes]
}
