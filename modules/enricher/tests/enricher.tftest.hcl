provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name            = "snowplow-enricher"
  alarm_topic_arn = "arn:aws:sns:eu-west-1:111111111111:alarms"
  state_key_arn   = "arn:aws:kms:eu-west-1:111111111111:key/services"
  bundle          = { bucket = "artifacts", key = "bundles/enricher.tar.gz", version_id = "v1", sha256 = "abc123" }
  instances       = { type = "t4g.small", min = 1, max = 1 }
  streams = {
    raw         = { name = "raw-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-good" }
    good        = { name = "enriched-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/enriched-good" }
    bad         = { name = "enriched-bad", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/enriched-bad" }
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

run "good" {
  command = plan

  assert {
    condition     = local.config.enrichments == "services/enricher/enrichments/defaults"
    error_message = "without enrichments of its own the enricher runs the bundle's"
  }

  assert {
    condition = alltrue([
      one(one(aws_autoscaling_policy.age.target_tracking_configuration).customized_metric_specification).metric_name == "GetRecords.IteratorAgeMilliseconds",
      one(aws_autoscaling_policy.age.target_tracking_configuration).disable_scale_in,
      one(one(aws_autoscaling_policy.cpu.target_tracking_configuration).predefined_metric_specification).predefined_metric_type == "ASGAverageCPUUtilization",
    ])
    error_message = "Old records ask for instances, idle ones give them back."
  }

  assert {
    condition = {
      for table in [aws_dynamodb_table.leases, aws_dynamodb_table.coordinator, aws_dynamodb_table.worker_metrics] :
      table.name => [table.hash_key, table.deletion_protection_enabled, one(table.server_side_encryption).kms_key_arn]
      } == {
      snowplow-enricher                   = ["leaseKey", true, "arn:aws:kms:eu-west-1:111111111111:key/services"]
      snowplow-enricher-CoordinatorState  = ["key", true, "arn:aws:kms:eu-west-1:111111111111:key/services"]
      snowplow-enricher-WorkerMetricStats = ["wid", true, "arn:aws:kms:eu-west-1:111111111111:key/services"]
    }
    error_message = "The tables have the Kinesis Client Library's names and keys, ours encrypts them, none is deleted by mistake."
  }

  assert {
    condition = [for index in aws_dynamodb_table.leases.global_secondary_index : [index.name, index.hash_key, index.range_key, index.projection_type]] == [
      ["LeaseOwnerToLeaseKeyIndex", "leaseOwner", "leaseKey", "KEYS_ONLY"]
    ]
    error_message = "The library finds its index, which it may not make."
  }

  assert {
    condition     = jsondecode(aws_dynamodb_table_item.mode.item).cv.S == "CLIENT_VERSION_2X" && jsondecode(aws_dynamodb_table_item.mode.item).key.S == "Migration3.0"
    error_message = "No loss of one instance stops the others."
  }

  assert {
    condition     = local.config.input.consumer == "kcl" && local.config.monitoring.healthProbe.port == 8000
    error_message = "A fleet is the default."
  }

  assert {
    condition = local.config.input.appName == "snowplow-enricher" && local.config.input.initialPosition == {
      type = "TRIM_HORIZON"
    }
    error_message = "Leases are kept in the table; the first start reads from the oldest record."
  }

  assert {
    condition = {
      for pair in flatten([
        for s in concat(
          jsondecode(data.aws_iam_policy_document.read_raw.json).Statement,
          jsondecode(data.aws_iam_policy_document.leases.json).Statement,
        ) : [for resource in flatten([s.Resource]) : { resource = resource, actions = toset(flatten([s.Action])) }]
      ]) : pair.resource => pair.actions
      } == {
      "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-good" = toset([
        "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards",
      ])
      "arn:aws:kms:eu-west-1:111111111111:key/streams" = toset(["kms:Decrypt"])
      "arn:aws:dynamodb:eu-west-1:111111111111:table/snowplow-enricher" = toset([
        "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan",
        "dynamodb:UpdateItem",
      ])
      "arn:aws:dynamodb:eu-west-1:111111111111:table/snowplow-enricher-CoordinatorState" = toset([
        "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan",
        "dynamodb:UpdateItem",
      ])
      "arn:aws:dynamodb:eu-west-1:111111111111:table/snowplow-enricher-WorkerMetricStats" = toset([
        "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan",
        "dynamodb:UpdateItem",
      ])
      "arn:aws:dynamodb:eu-west-1:111111111111:table/snowplow-enricher/index/LeaseOwnerToLeaseKeyIndex" = toset(["dynamodb:Query"])
      "arn:aws:kms:eu-west-1:111111111111:key/services"                                                 = toset(["kms:Decrypt", "kms:DescribeKey"])
    }
    error_message = "The enricher reads raw events and keeps its leases, exactly."
  }

  assert {
    condition = toset(flatten([
      for s in jsondecode(data.aws_iam_policy_document.write_enriched.json).Statement : s.Action
    ])) == toset(["kinesis:DescribeStreamSummary", "kinesis:PutRecords", "kms:GenerateDataKey"])
    error_message = "The enricher writes enriched events; it cannot read them."
  }

  assert {
    condition     = jsondecode(file("tests/default.json")) == jsondecode(jsonencode(local.config))
    error_message = "Without settings the config is tests/default.json: what Python's contract test lets the enricher read."
  }

  assert {
    condition = {
      for key, alarm in aws_cloudwatch_metric_alarm.this :
      key => [alarm.namespace, alarm.metric_name, alarm.statistic, alarm.dimensions, alarm.alarm_actions]
      } == {
      registry-unavailable = [
        "Snowveil/Enricher", "registry_unavailable", "Sum", tomap({ application = "snowplow-enricher" }),
        toset(["arn:aws:sns:eu-west-1:111111111111:alarms"]),
      ]
    }
    error_message = "Events that fail because a registry gave no answer are an alarm."
  }

  assert {
    condition     = length(data.aws_iam_policy_document.list_registries) == 0
    error_message = "Without a registry in a bucket nothing is listed."
  }

  assert {
    condition     = length(local.enrichment_files) == 0 && length(local.resolver_file) == 0 && length(data.aws_iam_policy_document.write_pii) == 0
    error_message = "No enrichment, registry or PII stream but what the environment names."
  }
}

run "initial_position_latest" {
  command = plan
  variables {
    settings = { initialPosition = "LATEST" }
  }
  expect_failures = [var.settings]
}

run "several" {
  command = plan
  variables {
    instances = { type = "t4g.small", min = 2, max = 4 }
  }
}

run "limits_of_what_senders_write" {
  command = plan
  variables {
    settings = {
      partitionKey  = "event_id"
      validation    = { atomicFieldsLimits = { page_title = 5000 } }
      decompression = { maxBytesInBatch = 1000000 }
    }
  }

  assert {
    condition = (
      local.config.output.good.partitionKey == "event_id" && local.config.validation.atomicFieldsLimits["page_title"] == 5000 &&
      local.config.validation.maxJsonDepth == 50 && local.config.decompression.maxBytesInBatch == 1000000
    )
    error_message = "The config has the settings, and defaults beside them."
  }
}

run "deeper_than_the_pseudonymizer_reads" {
  command = plan
  variables {
    settings = { validation = { maxJsonDepth = 91 } }
  }
  expect_failures = [var.settings]
}

run "several_polling_instances" {
  command = plan
  variables {
    settings  = { consumer = "polling" }
    instances = { type = "t4g.small", min = 1, max = 2 }
  }
  expect_failures = [var.instances]
}

run "unknown_consumer" {
  command = plan
  variables {
    settings = { consumer = "KCL" }
  }
  expect_failures = [var.settings]
}

run "pii_stream" {
  command = plan
  variables {
    streams = {
      raw         = { name = "raw-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-good" }
      good        = { name = "enriched-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/enriched-good" }
      bad         = { name = "enriched-bad", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/enriched-bad" }
      kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/streams"
      pii         = { name = "pii", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/pii", kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/pii" }
    }
  }

  assert {
    condition = {
      for s in jsondecode(data.aws_iam_policy_document.write_pii["write-pii"].json).Statement : s.Resource => toset(flatten([s.Action]))
      } == {
      "arn:aws:kinesis:eu-west-1:111111111111:stream/pii" = toset(["kinesis:DescribeStreamSummary", "kinesis:PutRecords"])
      "arn:aws:kms:eu-west-1:111111111111:key/pii"        = toset(["kms:GenerateDataKey"])
    }
    error_message = "The enricher writes the PII stream; it cannot read or decrypt it."
  }

  assert {
    condition     = local.config.output.pii == { streamName = "pii", region = "eu-west-1" }
    error_message = "The config names the PII stream."
  }
}
