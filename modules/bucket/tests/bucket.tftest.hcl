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
  purged_prefixes   = ["errors/"]
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
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule :
      rule.id => one(rule.noncurrent_version_expiration).noncurrent_days if length(rule.noncurrent_version_expiration) > 0
    } == { leftovers = 30, expire-errors = 1 }
    error_message = "An old version can be brought back for a month, under a purged prefix for a day."
  }

  assert {
    condition = one([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule :
      [rule.status, tostring(one(rule.abort_incomplete_multipart_upload).days_after_initiation)] if rule.id == "leftovers"
    ]) == ["Enabled", "1"] && alltrue([for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.status == "Enabled"])
    error_message = "Every rule is in force, and a broken upload leaves nothing behind."
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.this.versioning_configuration).status == "Enabled"
    error_message = "What is overwritten or deleted can be brought back."
  }

  assert {
    condition     = one(aws_s3_bucket_ownership_controls.this.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "No access list opens an object."
  }

  assert {
    condition = [for log in aws_s3_bucket_logging.this : [log.target_bucket, log.target_prefix]] == [
      ["logs", "snowplow-lake/"],
    ]
    error_message = "Every access is logged."
  }

  assert {
    condition     = length(aws_s3_bucket_inventory.this) == 0
    error_message = "An inventory is asked for."
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

run "purged_but_kept" {
  command = plan
  variables {
    purged_prefixes = ["elsewhere/"]
  }
  expect_failures = [var.purged_prefixes]
}

run "counted_every_day" {
  command = plan
  variables {
    inventory = true
  }
  assert {
    condition = one([
      for each in aws_s3_bucket_inventory.this :
      [each.included_object_versions, one(each.schedule).frequency, tostring(each.enabled)]
    ]) == ["All", "Daily", "true"]
    error_message = "Each object and each old version is listed, each day."
  }
  assert {
    condition = one([
      for each in aws_s3_bucket_inventory.this : {
        bucket    = one(one(each.destination).bucket).bucket_arn
        prefix    = one(one(each.destination).bucket).prefix
        encrypted = length(one(one(each.destination).bucket).encryption) == 1
      }
    ]) == { bucket = "arn:aws:s3:::logs", prefix = "inventory", encrypted = true }
    error_message = "The list goes, encrypted, to the bucket of the access logs."
  }
}

run "counted_nowhere" {
  command = plan
  variables {
    access_log_bucket = null
    inventory         = true
  }
  expect_failures = [var.inventory]
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

run "storage_class_without_direct_reads" {
  command = plan
  variables {
    transitions = { "output/" = { days = 90, storage_class = "DEEP_ARCHIVE" } }
  }
  expect_failures = [var.transitions]
}

run "transition_too_early" {
  command = plan
  variables {
    transitions = { "output/" = { days = 7, storage_class = "STANDARD_IA" } }
  }
  expect_failures = [var.transitions]
}

run "object_lock_of_zero_days" {
  command = plan
  variables {
    object_lock_days = 0
  }
  expect_failures = [var.object_lock_days]
}
