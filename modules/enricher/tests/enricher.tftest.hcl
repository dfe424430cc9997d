provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  volume_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/volumes"
  logs           = { kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs", retention_days = 30 }
  account_id     = "111111111111"
  name           = "snowplow-enricher"
  state_key_arn  = "arn:aws:kms:eu-west-1:111111111111:key/services"
  bundle         = { bucket = "artifacts", key = "bundles/enricher.tar.gz", version_id = "v1", sha256 = "abc123" }
  bundle_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/services"
  instances      = { type = "t4g.small", min = 1, max = 1 }
  architecture   = "arm64"
  streams = {
    raw         = { name = "raw-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-good" }
    good        = { name = "enriched-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/enriched-good" }
    bad         = { name = "enriched-bad", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/enriched-bad" }
    kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/streams"
  }
  network = {
    vpc_id             = "vpc-1"
    private_subnet_ids = ["subnet-3", "subnet-4"]
    endpoints          = { security_group_id = "sg-endpoints", prefix_list_ids = { s3 = "pl-s3" } }
  }
}

run "good" {
  command = plan

  assert {
    condition = alltrue([
      one(one(aws_autoscaling_policy.age.target_tracking_configuration).customized_metric_specification).metric_name == "GetRecords.IteratorAgeMilliseconds",
      one(aws_autoscaling_policy.age.target_tracking_configuration).disable_scale_in,
      one(one(aws_autoscaling_policy.cpu.target_tracking_configuration).predefined_metric_specification).predefined_metric_type == "ASGAverageCPUUtilization",
    ])
    error_message = "Old records ask for instances, idle ones give them back."
  }

  assert {
    condition     = aws_dynamodb_table.leases.hash_key == "leaseKey" && aws_dynamodb_table.leases.deletion_protection_enabled
    error_message = "The table has the Kinesis Client Library's key and cannot be deleted by mistake."
  }

  assert {
    condition = local.config.input.appName == "snowplow-enricher" && local.config.input.initialPosition == {
      type = "TRIM_HORIZON"
    }
    error_message = "Leases are kept in the table; the first start reads from the oldest record."
  }

  assert {
    condition = {
      for s in concat(
        jsondecode(data.aws_iam_policy_document.read_raw.json).Statement,
        jsondecode(data.aws_iam_policy_document.leases.json).Statement,
      ) : s.Resource => toset(flatten([s.Action]))
      } == {
      "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-good" = toset([
        "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards",
      ])
      "arn:aws:kms:eu-west-1:111111111111:key/streams" = toset(["kms:Decrypt"])
      "arn:aws:dynamodb:eu-west-1:111111111111:table/snowplow-enricher" = toset([
        "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan",
        "dynamodb:UpdateItem",
      ])
      "arn:aws:kms:eu-west-1:111111111111:key/services" = toset(["kms:Decrypt", "kms:DescribeKey"])
    }
    error_message = "The enricher reads raw events and keeps its leases, exactly."
  }

  assert {
    condition = toset(flatten([
      for s in jsondecode(data.aws_iam_policy_document.write_enriched.json).Statement : s.Action
    ])) == toset(["kinesis:DescribeStreamSummary", "kinesis:PutRecords", "kms:GenerateDataKey"])
    error_message = "The enricher writes enriched events; it cannot read them."
  }
}

run "starts_at_the_newest" {
  command = plan
  variables {
    settings = { initialPosition = "LATEST" }
  }
  expect_failures = [var.settings]
}

run "two_that_double_every_event" {
  command = plan
  variables {
    instances = { type = "t4g.small", min = 1, max = 2 }
  }
  expect_failures = [var.instances]
}
