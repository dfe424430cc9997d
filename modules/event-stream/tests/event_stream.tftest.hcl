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
  name            = "snowplow-raw-good"
  kms_key_arn     = "arn:aws:kms:eu-west-1:111111111111:key/streams"
  retention_hours = 168
  shard_count     = 2
}

run "good" {
  command = plan

  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.this : name => [alarm.metric_name, tostring(alarm.threshold), alarm.treat_missing_data]
      } == {
      iterator-age    = ["GetRecords.IteratorAgeMilliseconds", "3600000", "breaching"]
      write-throttled = ["WriteProvisionedThroughputExceeded", "0", "notBreaching"]
      read-throttled  = ["ReadProvisionedThroughputExceeded", "0", "notBreaching"]
    }
    error_message = "Late, unread and refused records raise an alarm."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : toset(alarm.alarm_actions) == toset([var.alarm_topic_arn])])
    error_message = "Every alarm notifies somebody."
  }

  assert {
    condition     = aws_kinesis_stream.this.encryption_type == "KMS" && aws_kinesis_stream.this.kms_key_id == var.kms_key_arn
    error_message = "Records are encrypted with the given key."
  }

  assert {
    condition     = one(aws_kinesis_stream.this.stream_mode_details).stream_mode == "PROVISIONED"
    error_message = "A shard count means provisioned."
  }
}

run "on_demand" {
  command = plan
  variables {
    shard_count = null
  }
  assert {
    condition     = one(aws_kinesis_stream.this.stream_mode_details).stream_mode == "ON_DEMAND"
    error_message = "No shard count means on demand."
  }
}

run "forgets_before_a_weekend" {
  command = plan
  variables {
    retention_hours = 12
  }
  expect_failures = [var.retention_hours]
}

run "no_shard" {
  command = plan
  variables {
    shard_count = 0
  }
  expect_failures = [var.shard_count]
}

run "alarm_when_it_is_too_late" {
  command = plan
  variables {
    alarm_age_minutes = 60 * 168
  }
  expect_failures = [var.alarm_age_minutes]
}
