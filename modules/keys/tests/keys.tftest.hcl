provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  prefix     = "snowplow"
  account_id = "111111111111"
  keys = {
    lake    = { description = "IAM decides" }
    logs    = { description = "Log groups", log_groups = true }
    alarms  = { description = "Topic", services = ["cloudwatch.amazonaws.com"], roles = {} }
    volumes = { description = "Volumes", volumes = true, roles = {} }
    secrets = { description = "Secrets", secrets = true, roles = {} }
    quarantine = {
      description = "Named roles only"
      roles = {
        encrypt = ["arn:aws:iam::111111111111:role/writer"]
        decrypt = ["arn:aws:iam::111111111111:role/break-glass"]
      }
    }
  }
}

run "good" {
  command = plan

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.deletion_window_in_days == 30])
    error_message = "Every key rotates and waits 30 days before it is deleted."
  }

  assert {
    condition = toset([for s in jsondecode(aws_kms_key.this["quarantine"].policy).Statement : s.Sid]) == toset([
      "AccountAdministers", "NamedRolesEncrypt", "NamedRolesDecrypt",
    ])
    error_message = "A key with roles gives its use to them alone."
  }

  assert {
    condition = alltrue([
      for s in jsondecode(aws_kms_key.this["quarantine"].policy).Statement :
      s.Sid == "AccountAdministers" || can(s.Condition.ArnEquals["aws:PrincipalArn"])
    ])
    error_message = "Each use of a key with roles is bound to a role's ARN."
  }

  assert {
    condition = [
      for s in jsondecode(aws_kms_key.this["quarantine"].policy).Statement :
      s.Condition.ArnEquals["aws:PrincipalArn"] if contains(flatten([s.Action]), "kms:Decrypt")
    ] == ["arn:aws:iam::111111111111:role/break-glass"]
    error_message = "Only the decrypting role can decrypt; the administrator cannot."
  }

  assert {
    condition = {
      for s in jsondecode(aws_kms_key.this["quarantine"].policy).Statement : s.Sid => toset(s.Action)
      if s.Sid != "AccountAdministers"
      } == {
      NamedRolesEncrypt = toset([
        "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
      ])
      NamedRolesDecrypt = toset(["kms:Decrypt", "kms:DescribeKey"])
    }
    error_message = "A named role encrypts or decrypts; it gives the key to nobody."
  }

  assert {
    condition = alltrue([
      for s in jsondecode(aws_kms_key.this["quarantine"].policy).Statement : length(setintersection(s.Action, [
        "kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo",
      ])) == 0 if s.Sid == "AccountAdministers"
    ])
    error_message = "The account administers a key, it does not use it."
  }

  assert {
    condition = alltrue([
      for key in aws_kms_key.this : alltrue([
        for s in jsondecode(key.policy).Statement : !strcontains(join(" ", flatten([s.Action])), "*")
      ])
    ])
    error_message = "No wildcard action in a key policy."
  }

  assert {
    condition = one([
      for s in jsondecode(aws_kms_key.this["logs"].policy).Statement : s if s.Sid == "LogGroupsOfThisAccount"
    ]).Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] == "arn:aws:logs:eu-west-1:111111111111:log-group:*"
    error_message = "CloudWatch Logs uses the key for this account's log groups only."
  }
}

run "key_of_services_and_of_volumes" {
  command = plan

  assert {
    condition = [
      for s in jsondecode(aws_kms_key.this["alarms"].policy).Statement : s if s.Sid != "AccountAdministers"
      ] == [{
        Sid       = "ServicesOfThisAccount"
        Effect    = "Allow"
        Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource  = "*"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Condition = { StringEquals = { "aws:SourceAccount" = "111111111111" } }
    }]
    error_message = "A service uses its key for this account only."
  }

  assert {
    condition = {
      for s in jsondecode(aws_kms_key.this["volumes"].policy).Statement : s.Sid => s.Condition if s.Sid != "AccountAdministers"
      } == {
      AutoScalingUses = {
        ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" }
      }
      AutoScalingLetsEbsUse = {
        ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" }
        Bool      = { "kms:GrantIsForAWSResource" = "true" }
      }
    }
    error_message = "Of all principals only Auto Scaling's own role uses the volumes' key, and its grants are for AWS resources."
  }
}

run "role_of_another_account" {
  command = plan
  variables {
    keys = { x = { description = "x", roles = { decrypt = [
      "arn:aws:iam::111111111111:role/analyst", "arn:aws:iam::222222222222:role/team/analyst",
    ] } } }
  }

  assert {
    condition = [
      for s in jsondecode(aws_kms_key.this["x"].policy).Statement : toset(s.Principal.AWS) if s.Sid == "NamedRolesDecrypt"
    ] == [toset(["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"])]
    error_message = "A role of another account can use the key when its own account lets it."
  }
}

run "key_of_secrets" {
  command = plan

  assert {
    condition = [
      for s in jsondecode(aws_kms_key.this["secrets"].policy).Statement : s if s.Sid != "AccountAdministers"
      ] == [{
        Sid       = "SecretsManagerChecksItsCaller"
        Effect    = "Allow"
        Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource  = "*"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Condition = {
          StringEquals = {
            "kms:EncryptionContext:SecretVersionId" = "RequestToValidateKeyAccess"
            "kms:ViaService"                        = "secretsmanager.eu-west-1.amazonaws.com"
          }
        }
    }]
    error_message = "Whoever creates a secret passes Secrets Manager's check of the key, and can decrypt no stored value."
  }
}

run "invalid_service_principal" {
  command = plan
  variables {
    keys = { x = { description = "x", services = ["*"] } }
  }
  expect_failures = [var.keys]
}

run "role_with_wildcard" {
  command = plan
  variables {
    keys = { x = { description = "x", roles = { decrypt = ["arn:aws:iam::111111111111:role/*"] } } }
  }
  expect_failures = [var.keys]
}

run "invalid_account_id" {
  command = plan
  variables {
    account_id = "1234"
  }
  expect_failures = [var.account_id]
}

run "deletion_window_too_short" {
  command = plan
  variables {
    deletion_window_days = 1
  }
  expect_failures = [var.deletion_window_days]
}
