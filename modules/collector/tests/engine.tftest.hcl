provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name              = "snowplow-collector"
  access_log_bucket = "logs"
  alarm_topic_arn   = "arn:aws:sns:eu-west-1:111111111111:alarms"
  bundle            = { bucket = "artifacts", key = "bundles/collector.tar.gz", version_id = "v1", sha256 = "abc123" }
  instances         = { type = "t4g.small", min = 2, max = 4 }
  public_subnet_ids = ["subnet-1", "subnet-2"]
  streams = {
    good        = { name = "raw-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-good" }
    bad         = { name = "raw-bad", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-bad" }
    kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/streams"
  }
  platform = {
    account_id        = "111111111111"
    architecture      = "arm64"
    ami_id            = "ami-0123456789abcdef0"
    volume_key_arn    = "arn:aws:kms:eu-west-1:111111111111:key/volumes"
    artifacts_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/services"
    logs              = { kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs", retention_days = 30 }
    network = {
      vpc_id     = "vpc-1"
      subnet_ids = ["subnet-3", "subnet-4"]
      endpoints  = { security_group_id = "sg-endpoints", prefix_list_ids = { s3 = "pl-s3" } }
    }
  }
}

# tests/snowplow.json: the same comparison, for what their image is given.
run "snowplow_image" {
  command = plan
  variables {
    engine = "snowplow"
    snowplow = {
      image                      = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/scala-stream-collector-kinesis"
      digest                     = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      accept_limited_use_license = true
    }
  }

  assert {
    condition     = jsondecode(file("tests/snowplow.json")) == jsondecode(jsonencode(local.config))
    error_message = "Their config: ours, the accepted licence and no telemetry."
  }

  assert {
    condition     = toset(jsondecode(data.aws_iam_policy_document.write_streams.json).Statement[0].Action) == toset(["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:PutRecords"])
    error_message = "Their collector also describes its streams; it still reads none."
  }
}

run "setting_unknown_to_snowplow" {
  command = plan
  variables {
    engine   = "snowplow"
    settings = { durable = true }
    snowplow = {
      image                      = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/scala-stream-collector-kinesis"
      digest                     = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      accept_limited_use_license = true
    }
  }
  expect_failures = [var.settings]
}

run "licence_not_accepted" {
  command = plan
  variables {
    engine   = "snowplow"
    snowplow = { image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/collector", digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", accept_limited_use_license = false }
  }
  expect_failures = [var.snowplow]
}

run "tag_instead_of_digest" {
  command = plan
  variables {
    engine   = "snowplow"
    snowplow = { image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/collector", digest = "3.4.0", accept_limited_use_license = true }
  }
  expect_failures = [var.snowplow]
}

run "snowplow_engine_without_image" {
  command = plan
  variables {
    engine   = "snowplow"
    snowplow = null
  }
  expect_failures = [var.snowplow]
}

run "image_that_would_not_run" {
  command = plan
  variables {
    engine   = "snowveil"
    snowplow = { image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/collector", digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", accept_limited_use_license = true }
  }
  expect_failures = [var.snowplow]
}

run "unknown_engine" {
  command = plan
  variables {
    engine = "scala"
  }
  expect_failures = [var.engine]
}
