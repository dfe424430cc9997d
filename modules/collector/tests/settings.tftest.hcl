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

# Every setting there is. tests/every_setting.json is what Python's contract tests let the collector read, and compare with the
# keys of Snowplow's reference configuration.
run "every_setting" {
  command = plan
  variables {
    settings = {
      cookie = {
        enabled = true, name = "sp", expiration = "30 days", domains = ["example.com"], fallbackDomain = "example.com"
        secure  = true, httpOnly = true, sameSite = "Lax", clientCookieName = "spc"
      }
      doNotTrackCookie      = { name = "optout", value = "yes|true" }
      cookieBounce          = {}
      cors                  = { accessControlMaxAge = "10 minutes" }
      crossDomain           = { domains = ["*.example.com"] }
      hsts                  = {}
      enableDefaultRedirect = true
      redirectDomains       = ["example.com"]
      rootResponse          = { statusCode = 200, headers = { "Cache-Control" = "no-store" }, body = "collector" }
      paths                 = { "/com.example/track" = "/com.snowplowanalytics.snowplow/tp2", "/com.example/go" = "/r/tp2" }
      networking = {
        maxConnections   = 2048, idleTimeout = "610 seconds", responseHeaderTimeout = "30 seconds", maxRequestLineLength = 20480
        maxHeadersLength = 40960, maxPayloadSize = 500000, dropPayloadSize = 1000000, trustedProxies = ["10.0.0.0/8"]
      }
      buffer               = { byteLimit = 1048576, recordLimit = 100, timeLimit = 1000 }
      preTerminationPeriod = "5 seconds"
      workers              = 2
      durable              = true
      spill                = { maxBytes = 16777216 }
      metrics              = { port = 9464 }
    }
  }

  assert {
    condition     = jsondecode(file("tests/every_setting.json")) == jsondecode(jsonencode(local.config))
    error_message = "The config holds every setting, by Snowplow's names."
  }
}

run "unknown_same_site" {
  command = plan
  variables {
    settings = { cookie = { sameSite = "none" } }
  }
  expect_failures = [var.settings]
}

run "batch_over_the_limit" {
  command = plan
  variables {
    settings = { buffer = { recordLimit = 501 } }
  }
  expect_failures = [var.settings]
}

run "cookie_not_secure" {
  command = plan
  variables {
    settings = { cookie = { secure = false } }
  }
  expect_failures = [var.settings]
}

run "batch_below_one_record_of_the_largest_size" {
  command = plan
  variables {
    settings = { buffer = { byteLimit = 1000 } }
  }
  expect_failures = [var.settings]
}

run "payload_limit_too_large" {
  command = plan
  variables {
    settings = { networking = { dropPayloadSize = 100000000 } }
  }
  expect_failures = [var.settings]
}

run "path_of_one_part" {
  command = plan
  variables {
    settings = { paths = { "/track" = "/com.snowplowanalytics.snowplow/tp2" } }
  }
  expect_failures = [var.settings]
}

run "pre_termination_period_too_long" {
  command = plan
  variables {
    settings = { preTerminationPeriod = "2 minutes" }
  }
  expect_failures = [var.settings]
}

run "open_redirect" {
  command = plan
  variables {
    settings = { enableDefaultRedirect = true }
  }
  expect_failures = [var.settings]
}

run "open_redirect_by_custom_path" {
  command = plan
  variables {
    settings = { paths = { "/com.example/go" = "/r/tp2" } }
  }
  expect_failures = [var.settings]
}

run "invalid_do_not_track_expression" {
  command = plan
  variables {
    settings = { doNotTrackCookie = { name = "optout", value = "(" } }
  }
  expect_failures = [var.settings]
}

run "crossdomain_wildcard" {
  command = plan
  variables {
    settings = { crossDomain = { domains = ["*"] } }
  }
  expect_failures = [var.settings]
}

run "invalid_root_response_status" {
  command = plan
  variables {
    settings = { rootResponse = { statusCode = 100 } }
  }
  expect_failures = [var.settings]
}

run "duration_without_a_unit" {
  command = plan
  variables {
    settings = { cookie = { expiration = "365" } }
  }
  expect_failures = [var.settings]
}

run "redirect_domain_wildcard" {
  command = plan
  variables {
    settings = { enableDefaultRedirect = true, redirectDomains = ["*"] }
  }
  expect_failures = [var.settings]
}

run "spill_below_two_segments" {
  command = plan
  variables {
    settings = { spill = { maxBytes = 1000 } }
  }
  expect_failures = [var.settings]
}
