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

run "every_kind" {
  command = plan
  variables {
    enrichments = {
      anon_ip                 = { parameters = { anonOctets = 2, anonSegments = 4 } }
      campaign_attribution    = { enabled = false, parameters = { mapping = "static", fields = { mktMedium = ["utm_medium"], mktSource = [], mktTerm = [], mktContent = [], mktCampaign = [] } } }
      cross_navigation_config = {}
      pii_enrichment_config = {
        secret = {
          arn         = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:pii-AbCdEf"
          kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/secrets"
        }
      }
    }
    iglu = {
      registries = {
        ours     = { uri = "https://iglu.s3.eu-west-1.amazonaws.com", vendorPrefixes = ["com.example"], priority = 1 }
        embedded = { embedded = "schemas" }
        bucket   = { uri = "s3://iglu-111111111111" }
        folder   = { uri = "s3://assets/iglu/", priority = 2 }
      }
    }
    assets = {
      object_arns  = ["arn:aws:s3:::assets/maxmind/*"]
      kms_key_arns = ["arn:aws:kms:eu-west-1:111111111111:key/assets"]
    }
  }

  assert {
    condition = jsondecode(file("tests/files.json")) == {
      for path, text in merge(local.resolver_file, local.enrichment_files) : path => jsondecode(text)
    }
    error_message = "The files are tests/files.json, in Snowplow's own form; the one with a salt is in no file of the user data."
  }

  assert {
    condition = {
      for s in jsondecode(data.aws_iam_policy_document.read_assets["read-assets"].json).Statement : s.Resource => s.Action
      } == {
      "arn:aws:s3:::assets/maxmind/*"                 = "s3:GetObject"
      "arn:aws:kms:eu-west-1:111111111111:key/assets" = "kms:Decrypt"
    }
    error_message = "The enricher reads the objects that it is given, and no other."
  }

  assert {
    condition = {
      for s in jsondecode(data.aws_iam_policy_document.list_registries["list-registries"].json).Statement :
      s.Resource => [s.Action, s.Condition]
      } == {
      "arn:aws:s3:::iglu-111111111111" = ["s3:ListBucket", { StringLike = { "s3:prefix" = "schemas/*" } }]
      "arn:aws:s3:::assets"            = ["s3:ListBucket", { StringLike = { "s3:prefix" = "iglu/schemas/*" } }]
    }
    error_message = "S3 says of a schema that is not there that it is not there; nothing but schemas can be listed."
  }

  assert {
    condition     = local.config.enrichments == "/etc/snowveil/enrichments" && local.config.iglu.resolver == "/etc/snowveil/iglu.json"
    error_message = "The config names the files."
  }

  assert {
    condition     = keys(local.secret_enrichment_files) == ["enrichments/pii_enrichment_config.json"]
    error_message = "The configuration with a salt is read from its secret."
  }
}

run "mistyped_name" {
  command = plan
  variables {
    enrichments = { anon_ips = {} }
  }
  expect_failures = [var.enrichments]
}

run "mistyped_parameter" {
  command = plan
  variables {
    enrichments = { anon_ip = { parameters = { anonOctet = 2 } } }
  }
  expect_failures = [var.enrichments]
}

run "mistyped_switch" {
  command = plan
  variables {
    enrichments = { anon_ip = { enable = false } }
  }
  expect_failures = [var.enrichments]
}

run "anon_ip_octets_out_of_range" {
  command = plan
  variables {
    enrichments = { anon_ip = { parameters = { anonOctets = 0 } } }
  }
  expect_failures = [var.enrichments]
}

run "salt_in_user_data" {
  command = plan
  variables {
    enrichments = { pii_enrichment_config = { enabled = true } }
  }
  expect_failures = [var.enrichments]
}

run "password_in_user_data" {
  command = plan
  variables {
    enrichments = { api_request_enrichment_config = { parameters = { api = { http = { authentication = {} } } } } }
  }
  expect_failures = [var.enrichments]
}

run "secret_without_its_key" {
  command = plan
  variables {
    enrichments = { pii_enrichment_config = { secret = { arn = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:x-AbCdEf" } } }
  }
  expect_failures = [var.enrichments]
}

run "registry_of_two_kinds" {
  command = plan
  variables {
    iglu = { registries = { x = { uri = "https://example.com", embedded = "/x" } } }
  }
  expect_failures = [var.iglu]
}

run "registry_in_clear" {
  command = plan
  variables {
    iglu = { registries = { x = { uri = "http://example.com" } } }
  }
  expect_failures = [var.iglu]
}

run "registry_with_a_key" {
  command = plan
  variables {
    iglu = { registries = { x = { uri = "https://example.com?apikey=1" } } }
  }
  expect_failures = [var.iglu]
}

run "no_registry" {
  command = plan
  variables {
    iglu = { registries = {} }
  }
  expect_failures = [var.iglu]
}

run "assets_of_a_whole_bucket" {
  command = plan
  variables {
    assets = { object_arns = ["arn:aws:s3:::assets/*"] }
  }
  expect_failures = [var.assets]
}
