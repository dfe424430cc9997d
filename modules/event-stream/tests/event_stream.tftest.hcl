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
  account_id      = "111111111111"
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
      bytes-high      = ["IncomingBytes", "377487360", "notBreaching"]
      records-high    = ["IncomingRecords", "360000", "notBreaching"]
    }
    error_message = "Late, unread and refused records raise an alarm, and so do shards that are more than 60 % full."
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
  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.this), "bytes-high")
    error_message = "On demand there is no fixed number of shards to fill."
  }
}

run "scheduled_shards" {
  command = plan
  variables {
    schedule = {
      day   = { cron = "cron(0 7 * * ? *)", shard_count = 4 }
      night = { cron = "cron(0 22 * * ? *)", shard_count = 2 }
    }
    timezone = "Europe/Amsterdam"
  }
  override_data {
    target = data.aws_kinesis_stream.scheduled["snowplow-raw-good"]
    values = { open_shards = ["0", "1", "2", "3"] }
  }

  assert {
    condition     = aws_kinesis_stream.this.shard_count == 4
    error_message = "A plan by day leaves the day's shards alone."
  }

  assert {
    condition = {
      for name, step in aws_scheduler_schedule.shards : name => [
        step.schedule_expression, step.schedule_expression_timezone, tostring(jsondecode(one(step.target).input).TargetShardCount), one(step.target).arn,
      ]
      } == {
      day   = ["cron(0 7 * * ? *)", "Europe/Amsterdam", "4", "arn:aws:scheduler:::aws-sdk:kinesis:updateShardCount"]
      night = ["cron(0 22 * * ? *)", "Europe/Amsterdam", "2", "arn:aws:scheduler:::aws-sdk:kinesis:updateShardCount"]
    }
    error_message = "The schedule sets the shards of its own stream."
  }

  assert {
    condition = [
      for s in jsondecode(aws_iam_role_policy.schedule["snowplow-raw-good"].policy).Statement : [s.Action, s.Resource]
    ] == [["kinesis:UpdateShardCount", "arn:aws:kinesis:eu-west-1:111111111111:stream/snowplow-raw-good"]]
    error_message = "Its role may do nothing else."
  }
}

run "schedule_more_than_doubles" {
  command = plan
  variables {
    schedule = { day = { cron = "cron(0 7 * * ? *)", shard_count = 5 } }
  }
  override_data {
    target = data.aws_kinesis_stream.scheduled["snowplow-raw-good"]
    values = { open_shards = ["0", "1"] }
  }
  expect_failures = [var.schedule]
}

run "schedule_without_cron" {
  command = plan
  variables {
    schedule = { day = { cron = "07:00", shard_count = 2 } }
  }
  override_data {
    target = data.aws_kinesis_stream.scheduled["snowplow-raw-good"]
    values = { open_shards = ["0", "1"] }
  }
  expect_failures = [var.schedule]
}

run "retention_too_short" {
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

run "age_alarm_beyond_a_quarter_of_the_retention" {
  command = plan
  variables {
    alarm_age_minutes = 60 * 168
  }
  expect_failures = [var.alarm_age_minutes]
}
