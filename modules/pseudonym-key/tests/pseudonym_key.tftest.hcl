provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name               = "snowplow-pseudonym-key"
  kms_key_arn        = "arn:aws:kms:eu-west-1:111111111111:key/secrets"
  reader_role_arns   = ["arn:aws:iam::111111111111:role/pseudonymizer"]
  custodian_role_arn = "arn:aws:iam::111111111111:role/custodian"
}

run "good" {
  command = plan

  assert {
    condition = {
      for s in jsondecode(output.policy).Statement : s.Sid => s
      } == {
      DenyReadToAllButPseudonymizers = {
        Sid       = "DenyReadToAllButPseudonymizers"
        Effect    = "Deny"
        Action    = "secretsmanager:GetSecretValue"
        Principal = { AWS = "*" }
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/pseudonymizer" } }
      }
      DenyWriteToAllButCustodian = {
        Sid       = "DenyWriteToAllButCustodian"
        Effect    = "Deny"
        Action    = ["secretsmanager:UpdateSecretVersionStage", "secretsmanager:PutSecretValue"]
        Principal = { AWS = "*" }
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/custodian" } }
      }
    }
    error_message = "The functions read, the custodian writes, nobody does both."
  }

  assert {
    condition     = aws_secretsmanager_secret_policy.this.block_public_policy
    error_message = "A policy that opens the secret to the public is refused."
  }
}

run "lost_at_once" {
  command = plan
  variables {
    recovery_days = 0
  }
  expect_failures = [var.recovery_days]
}

run "nobody_reads" {
  command = plan
  variables {
    reader_role_arns = []
  }
  expect_failures = [var.reader_role_arns]
}
