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

# tests/snowplow.json is what Python's contract test compares with the keys of Snowplow's reference configuration.
run "snowplow_image" {
  command = plan
  variables {
    engine   = "snowplow"
    iglu     = { registries = { ours = { uri = "https://iglu.s3.eu-west-1.amazonaws.com" } } }
    snowplow = { image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/snowplow-enrich-kinesis", digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", accept_limited_use_license = true }
  }

  assert {
    condition     = jsondecode(file("tests/snowplow.json")) == jsondecode(jsonencode(local.snowplow_config))
    error_message = "Their config: the accepted licence, no telemetry, our streams and lease table."
  }

  assert {
    condition     = join(" ", local.snowplow_arguments) == "--iglu-config /etc/snowveil/iglu.json --enrichments /etc/snowveil/enrichments"
    error_message = "Their program is given all three files."
  }
}

run "snowplow_engine_without_registry" {
  command = plan
  variables {
    engine   = "snowplow"
    snowplow = { image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/snowplow-enrich-kinesis", digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", accept_limited_use_license = true }
  }
  expect_failures = [var.iglu]
}

run "licence_not_accepted" {
  command = plan
  variables {
    engine   = "snowplow"
    iglu     = { registries = { ours = { uri = "https://iglu.s3.eu-west-1.amazonaws.com" } } }
    snowplow = { image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/snowplow-enrich-kinesis", digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", accept_limited_use_license = false }
  }
  expect_failures = [var.snowplow]
}

run "tag_instead_of_digest" {
  command = plan
  variables {
    engine   = "snowplow"
    iglu     = { registries = { ours = { uri = "https://iglu.s3.eu-west-1.amazonaws.com" } } }
    snowplow = { image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/snowplow-enrich-kinesis", digest = "6.10.0", accept_limited_use_license = true }
  }
  expect_failures = [var.snowplow]
}

run "snowplow_engine_without_image" {
  command = plan
  variables {
    engine = "snowplow"
    iglu   = { registries = { ours = { uri = "https://iglu.s3.eu-west-1.amazonaws.com" } } }
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

run "unsupported_enrichment" {
  command = plan
  variables {
    enrichments = { yauaa_enrichment_config = {} }
  }
  expect_failures = [var.enrichments]
}

run "snowplow_engine_with_pii_stream" {
  command = plan
  variables {
    engine   = "snowplow"
    iglu     = { registries = { ours = { uri = "https://iglu.s3.eu-west-1.amazonaws.com" } } }
    snowplow = { image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/snowplow-enrich-kinesis", digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", accept_limited_use_license = true }
    streams = {
      raw         = { name = "raw-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/raw-good" }
      good        = { name = "enriched-good", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/enriched-good" }
      bad         = { name = "enriched-bad", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/enriched-bad" }
      kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/streams"
      pii         = { name = "pii", arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/pii", kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/pii" }
    }
  }
  expect_failures = [var.engine]
}
