provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name                 = "snowplow-quarantine"
  kms_key_arn          = "arn:aws:kms:eu-west-1:111111111111:key/quarantine"
  access_log_bucket    = "logs"
  break_glass_role_arn = "arn:aws:iam::111111111111:role/break-glass"
  writer_role_arns     = ["arn:aws:iam::111111111111:role/pseudonymizer"]
}

run "good" {
  command = plan

  assert {
    condition = {
      for s in jsondecode(output.policy).Statement : s.Sid => [try(s.Action, "not ${s.NotAction}"), s.Condition]
      if s.Sid != "DenyPlainHttp"
      } == {
      DenyAllButPutToAllButBreakGlass = [
        "not s3:PutObject", { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/break-glass" } }
      ]
      DenyPutToAllButPseudonymizers = [
        "s3:PutObject", { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/pseudonymizer" } }
      ]
      DenyOtherKeys = [
        "s3:PutObject", { StringNotEquals = {
          "s3:x-amz-server-side-encryption-aws-kms-key-id" = "arn:aws:kms:eu-west-1:111111111111:key/quarantine"
        } }
      ]
    }
    error_message = "Functions write with the quarantine's key, break glass reads, nobody else does anything."
  }

  assert {
    condition = alltrue([
      for s in jsondecode(output.policy).Statement : s.Effect == "Deny" && s.Principal == { AWS = "*" }
    ])
    error_message = "Every statement denies everybody it does not name."
  }
}

run "expiry_too_long" {
  command = plan
  variables {
    expiry_days = 365
  }
  expect_failures = [var.expiry_days]
}

run "no_writer" {
  command = plan
  variables {
    writer_role_arns = []
  }
  expect_failures = [var.writer_role_arns]
}

run "expiry_too_short" {
  command = plan
  variables {
    expiry_days = 1
  }
  expect_failures = [var.expiry_days]
}
