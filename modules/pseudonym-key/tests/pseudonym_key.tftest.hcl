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
  deployer_role_arn  = "arn:aws:iam::111111111111:role/deployer"
}

run "good" {
  command = plan

  assert {
    condition = {
      for s in jsondecode(output.policy).Statement : s.Sid => s
      } == {
      DenyWhatNobodyNeeds = {
        Sid    = "DenyWhatNobodyNeeds"
        Effect = "Deny"
        NotAction = [
          "secretsmanager:ValidateResourcePolicy", "secretsmanager:UpdateSecretVersionStage", "secretsmanager:UntagResource",
          "secretsmanager:TagResource", "secretsmanager:RestoreSecret", "secretsmanager:PutSecretValue",
          "secretsmanager:PutResourcePolicy", "secretsmanager:ListSecretVersionIds", "secretsmanager:GetSecretValue",
          "secretsmanager:GetResourcePolicy", "secretsmanager:DescribeSecret", "secretsmanager:DeleteSecret",
          "secretsmanager:DeleteResourcePolicy",
        ]
        Principal = { AWS = "*" }
        Resource  = "*"
      }
      DenyReadToAllButPseudonymizers = {
        Sid       = "DenyReadToAllButPseudonymizers"
        Effect    = "Deny"
        Action    = "secretsmanager:GetSecretValue"
        Principal = { AWS = "*" }
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/pseudonymizer" } }
      }
      DenyCustodyToAllButCustodian = {
        Sid       = "DenyCustodyToAllButCustodian"
        Effect    = "Deny"
        Action    = ["secretsmanager:UpdateSecretVersionStage", "secretsmanager:PutSecretValue"]
        Principal = { AWS = "*" }
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/custodian" } }
      }
      DenyAdministrationToAllButDeployer = {
        Sid    = "DenyAdministrationToAllButDeployer"
        Effect = "Deny"
        Action = [
          "secretsmanager:ValidateResourcePolicy", "secretsmanager:UntagResource", "secretsmanager:TagResource",
          "secretsmanager:RestoreSecret", "secretsmanager:PutResourcePolicy", "secretsmanager:DeleteSecret",
          "secretsmanager:DeleteResourcePolicy",
        ]
        Principal = { AWS = "*" }
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/deployer" } }
      }
    }
    error_message = "The functions read, the custodian writes, the deployer administers, and nobody does anything else."
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

run "no_reader" {
  command = plan
  variables {
    reader_role_arns = []
  }
  expect_failures = [var.reader_role_arns]
}

run "one_role_sets_and_opens" {
  command = plan
  variables {
    deployer_role_arn = "arn:aws:iam::111111111111:role/custodian"
  }
  expect_failures = [var.deployer_role_arn]
}
