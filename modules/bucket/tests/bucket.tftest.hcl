provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name              = "snowplow-lake"
  kms_key_arn       = "arn:aws:kms:eu-west-1:111111111111:key/lake"
  access_log_bucket = "logs"
  expiry            = { "" = 30, "errors/" = 7 }
}

run "good" {
  command = plan

  assert {
    condition = one([
      for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Sid == "DenyPlainHttp"
      ]) == {
      Sid       = "DenyPlainHttp"
      Effect    = "Deny"
      Action    = "s3:*"
      Principal = { AWS = "*" }
      Resource  = ["arn:aws:s3:::snowplow-lake/*", "arn:aws:s3:::snowplow-lake"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
    error_message = "Plain HTTP is denied for the bucket and its objects."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "No way to make the bucket public."
  }

  assert {
    condition = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule)
    .apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "With a key, objects are encrypted by it."
  }

  assert {
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule :
      rule.id => one(rule.expiration).days if length(rule.expiration) > 0
    } == { expire-all = 30, expire-errors = 7 }
    error_message = "Objects expire by prefix."
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy == false
    error_message = "A bucket that holds objects cannot be deleted."
  }
}

run "log_services_cannot_use_a_key" {
  command = plan
  variables {
    kms_key_arn       = null
    access_log_bucket = null
  }
  assert {
    condition = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule)
    .apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Without a key, S3 encrypts with its own."
  }
}

run "expires_at_once" {
  command = plan
  variables {
    expiry = { "errors/" = 0 }
  }
  expect_failures = [var.expiry]
}

run "moved_and_locked" {
  command = plan
  variables {
    transitions      = { "output/" = { days = 90, storage_class = "GLACIER_IR" } }
    object_lock_days = 7
  }
  assert {
    condition = one([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : one(rule.transition).storage_class if rule.id == "move-output"
    ]) == "GLACIER_IR"
    error_message = "Objects of the prefix move."
  }
  assert {
    condition = alltrue([
      aws_s3_bucket.this.object_lock_enabled,
      one(one(aws_s3_bucket_object_lock_configuration.this["governance"].rule).default_retention).mode == "GOVERNANCE",
    ])
    error_message = "Versions are locked, and a named role can still erase them."
  }
}

run "archive_that_readers_cannot_read" {
  command = plan
  variables {
    transitions = { "output/" = { days = 90, storage_class = "DEEP_ARCHIVE" } }
  }
  expect_failures = [var.transitions]
}

run "moved_too_early" {
  command = plan
  variables {
    transitions = { "output/" = { days = 7, storage_class = "STANDARD_IA" } }
  }
  expect_failures = [var.transitions]
}

run "lock_of_no_day" {
  command = plan
  variables {
    object_lock_days = 0
  }
  expect_failures = [var.object_lock_days]
}
