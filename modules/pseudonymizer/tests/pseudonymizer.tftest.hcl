provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  alarm_topic_arn      = "arn:aws:sns:eu-west-1:111111111111:alarms"
  account_id           = "111111111111"
  name                 = "snowplow-pseudonymizer-output"
  delivery             = "output"
  architecture         = "arm64"
  package              = { path = "./main.tf", base64sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  key_secret           = { arn = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:k", kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/secrets" }
  quarantine           = { bucket = "q", arn = "arn:aws:s3:::q", kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/quarantine" }
  environment_key_arn  = "arn:aws:kms:eu-west-1:111111111111:key/services"
  logs                 = { kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs", retention_days = 30 }
  reserved_concurrency = 10
  key_checks           = ["0000000000000000000000000000000000000000000000000000000000000001", "0000000000000000000000000000000000000000000000000000000000000002"]
}

run "good" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
    error_message = "Lambda alone takes the role."
  }

  assert {
    condition = [
      aws_cloudwatch_log_group.this.retention_in_days, aws_cloudwatch_log_group.this.kms_key_id,
    ] == [30, "arn:aws:kms:eu-west-1:111111111111:key/logs"]
    error_message = "The log is encrypted, and kept as long as was said."
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == "arn:aws:kms:eu-west-1:111111111111:key/services"
    error_message = "The environment's names are encrypted."
  }

  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.this : name => "${alarm.namespace} ${alarm.metric_name} ${alarm.statistic} > ${alarm.threshold}"
      } == {
      errors            = "AWS/Lambda Errors Sum > 0"
      throttled         = "AWS/Lambda Throttles Sum > 0"
      slow              = "AWS/Lambda Duration Maximum > 96000"
      quarantined       = "Snowveil/Pseudonymizer Quarantined Sum > 0"
      asked-for-many    = "Snowveil/Pseudonymizer MostPseudonyms Maximum > 192"
      quarantine-failed = "Snowveil/Pseudonymizer QuarantineFailed Sum > 0"
    }
    error_message = "The first record that fails or is quarantined raises an alarm."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : toset(alarm.alarm_actions) == toset([var.alarm_topic_arn])])
    error_message = "Every alarm notifies somebody."
  }

  assert {
    condition = {
      for name, policy in aws_iam_role_policy.this : name => {
        for s in jsondecode(policy.policy).Statement : s.Resource => toset(flatten([s.Action]))
      }
      } == {
      read-key = {
        "arn:aws:secretsmanager:eu-west-1:111111111111:secret:k" = toset(["secretsmanager:GetSecretValue"])
        "arn:aws:kms:eu-west-1:111111111111:key/secrets"         = toset(["kms:Decrypt"])
      }
      quarantine = {
        "arn:aws:s3:::q/quarantine/output/*"                = toset(["s3:PutObject"])
        "arn:aws:kms:eu-west-1:111111111111:key/quarantine" = toset(["kms:GenerateDataKey"])
      }
      log = {
        "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/snowplow-pseudonymizer-output:*" = toset(["logs:CreateLogStream", "logs:PutLogEvents"])
      }
      trace = {
        "*" = toset(["xray:PutTelemetryRecords", "xray:PutTraceSegments"])
      }
    }
    error_message = "The function may read its key, quarantine under its own prefix, log and trace, and nothing else."
  }

  assert {
    condition = one(aws_lambda_function.this.environment).variables == tomap({
      DELIVERY               = "output"
      KEY_CHECKS             = "0000000000000000000000000000000000000000000000000000000000000001,0000000000000000000000000000000000000000000000000000000000000002"
      KEY_SECRET_ARN         = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:k"
      QUARANTINE_BUCKET      = "q"
      QUARANTINE_KMS_KEY_ARN = "arn:aws:kms:eu-west-1:111111111111:key/quarantine"
    })
    error_message = "The environment names where the key is, and never holds it."
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.name == "live"
    error_message = "A version is published for the alias live."
  }
}

run "weighted_alias" {
  command = plan
  variables {
    stable_version    = "12"
    new_version_share = 0.2
  }
  override_resource {
    target          = aws_lambda_function.this
    override_during = plan
    values          = { version = "13" }
  }

  assert {
    condition     = aws_lambda_alias.live.function_version == "12"
    error_message = "The stable version keeps most of the batches."
  }

  assert {
    condition     = one(aws_lambda_alias.live.routing_config).additional_version_weights == tomap({ "13" = 0.2 })
    error_message = "The newest version gets its share, and no other version any."
  }
}

run "stable_version_latest" {
  command = plan
  variables {
    stable_version = "$LATEST"
  }
  expect_failures = [var.stable_version]
}

run "new_version_share_too_large" {
  command = plan
  variables {
    stable_version    = "12"
    new_version_share = 0.9
  }
  expect_failures = [var.new_version_share]
}

run "unknown_delivery" {
  command = plan
  variables {
    delivery = "raw-good"
  }
  expect_failures = [var.delivery]
}

run "zero_reserved_concurrency" {
  command = plan
  variables {
    reserved_concurrency = 0
  }
  expect_failures = [var.reserved_concurrency]
}

run "timeout_too_long" {
  command = plan
  variables {
    timeout_seconds = 900
  }
  expect_failures = [var.timeout_seconds]
}

run "too_little_memory" {
  command = plan
  variables {
    memory_mb = 128
  }
  expect_failures = [var.memory_mb]
}

run "unknown_architecture" {
  command = plan
  variables {
    architecture = "amd64"
  }
  expect_failures = [var.architecture]
}
