provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  alarm_topic_arn = "arn:aws:sns:eu-west-1:111111111111:alarms"
  name            = "snowplow-output"
  prefix          = "output/"
  account_id      = "111111111111"
  transform_arn   = "arn:aws:lambda:eu-west-1:111111111111:function:f:live"
  source_stream   = { arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/s", kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/streams" }
  lake            = { arn = "arn:aws:s3:::lake", kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/lake", error_prefix = "firehose-errors/" }
  logs            = { kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs", retention_days = 30 }
}

run "good" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "firehose.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = "111111111111" } }
    }]
    error_message = "Firehose of this account alone takes the role."
  }

  assert {
    condition = [
      aws_cloudwatch_log_group.this.retention_in_days, aws_cloudwatch_log_group.this.kms_key_id,
    ] == [30, "arn:aws:kms:eu-west-1:111111111111:key/logs"]
    error_message = "The log of errors is encrypted, and kept as long as was said."
  }

  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.this : name => "${alarm.metric_name} ${alarm.comparison_operator} ${alarm.threshold}"
      } == {
      freshness        = "DeliveryToS3.DataFreshness GreaterThanThreshold 1800"
      delivery-failed  = "DeliveryToS3.Success LessThanThreshold 1"
      transform-failed = "SucceedProcessing.Success LessThanThreshold 1"
    }
    error_message = "Late, refused and untransformed records raise an alarm."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : toset(alarm.alarm_actions) == toset([var.alarm_topic_arn])])
    error_message = "Every alarm notifies somebody."
  }

  assert {
    condition = {
      for name, policy in aws_iam_role_policy.this : name => {
        for s in jsondecode(policy.policy).Statement : join(" ", flatten([s.Resource])) => toset(flatten([s.Action]))
      }
      } == {
      read-stream = {
        "arn:aws:kinesis:eu-west-1:111111111111:stream/s" = toset([
          "kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards",
        ])
        "arn:aws:kms:eu-west-1:111111111111:key/streams" = toset(["kms:Decrypt"])
      }
      transform = {
        "arn:aws:lambda:eu-west-1:111111111111:function:f:live" = toset(["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"])
      }
      write-lake = {
        "arn:aws:s3:::lake" = toset(["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"])
        "arn:aws:s3:::lake/output/* arn:aws:s3:::lake/firehose-errors/output/*" = toset([
          "s3:AbortMultipartUpload", "s3:PutObject",
        ])
        "arn:aws:kms:eu-west-1:111111111111:key/lake" = toset(["kms:Decrypt", "kms:GenerateDataKey"])
      }
      log = { "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/kinesisfirehose/snowplow-output:*" = toset(["logs:PutLogEvents"]) }
    }
    error_message = "A delivery reads its stream, calls its transform and writes its two prefixes, and nothing else."
  }

  assert {
    condition = alltrue([for s3 in aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration : alltrue([
      s3.prefix == "output/!{timestamp:yyyy/MM/dd/HH/}",
      s3.error_output_prefix == "firehose-errors/output/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH/}",
      s3.compression_format == "GZIP",
      s3.s3_backup_mode == "Disabled",
      s3.kms_key_arn == "arn:aws:kms:eu-west-1:111111111111:key/lake",
      one(s3.processing_configuration).enabled,
    ])])
    error_message = "Objects are compressed under their hour, errors apart, nothing is backed up in clear, the transform is on."
  }
}

run "transform_buffer" {
  command = plan
  variables {
    transform_buffer = { size_mb = 0.4, interval_seconds = 0 }
  }

  assert {
    condition = {
      for p in one(one(one(aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration).processing_configuration).processors).parameters :
      p.parameter_name => p.parameter_value
    } == { LambdaArn = var.transform_arn, BufferSizeInMBs = "0.4", BufferIntervalInSeconds = "0" }
    error_message = "Both hints of the buffer before the transform are set."
  }
}

run "transform_buffer_at_the_providers_default" {
  command = plan
  variables {
    transform_buffer = { interval_seconds = 60 }
  }

  assert {
    condition = {
      for p in one(one(one(aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration).processing_configuration).processors).parameters :
      p.parameter_name => p.parameter_value
    } == { LambdaArn = var.transform_arn, BufferSizeInMBs = "0.2" }
    error_message = "A value that the provider does not read back is left out: it would be planned as a change for ever."
  }
}

run "function_without_alias" {
  command = plan
  variables {
    transform_arn = "arn:aws:lambda:eu-west-1:111111111111:function:f"
  }
  expect_failures = [var.transform_arn]
}

run "latest_function_version" {
  command = plan
  variables {
    transform_arn = "arn:aws:lambda:eu-west-1:111111111111:function:f:$LATEST"
  }
  expect_failures = [var.transform_arn]
}

run "prefix_without_slash" {
  command = plan
  variables {
    prefix = "output"
  }
  expect_failures = [var.prefix]
}

run "batch_over_the_limit" {
  command = plan
  variables {
    transform_buffer = { size_mb = 0.5 }
  }
  expect_failures = [var.transform_buffer]
}

run "object_over_the_limit" {
  command = plan
  variables {
    lake_buffer = { size_mb = 256 }
  }
  expect_failures = [var.lake_buffer]
}

run "freshness_alarm_below_two_buffers" {
  command = plan
  variables {
    alarm_freshness_minutes = 5
  }
  expect_failures = [var.alarm_freshness_minutes]
}

run "negative_transform_interval" {
  command = plan
  variables {
    transform_buffer = { interval_seconds = -5 }
  }
  expect_failures = [var.transform_buffer]
}

run "transform_interval_over_the_limit" {
  command = plan
  variables {
    transform_buffer = { interval_seconds = 5000 }
  }
  expect_failures = [var.transform_buffer]
}

run "fraction_of_a_second_before_the_transform" {
  command = plan
  variables {
    transform_buffer = { interval_seconds = 30.5 }
  }
  expect_failures = [var.transform_buffer]
}

run "negative_lake_interval" {
  command = plan
  variables {
    lake_buffer = { interval_seconds = -5 }
  }
  expect_failures = [var.lake_buffer]
}

run "fraction_of_a_second_before_the_lake" {
  command = plan
  variables {
    lake_buffer = { interval_seconds = 30.5 }
  }
  expect_failures = [var.lake_buffer]
}

run "fraction_of_a_megabyte_before_the_lake" {
  command = plan
  variables {
    lake_buffer = { size_mb = 1.5 }
  }
  expect_failures = [var.lake_buffer]
}

run "alarm_without_a_wait" {
  command = plan
  variables {
    lake_buffer             = { interval_seconds = 0 }
    alarm_freshness_minutes = 0
  }
  expect_failures = [var.alarm_freshness_minutes]
}
