data "aws_partition" "this" {}

locals {
  # Not the resource's own attribute: a reviewer reads the policy in the plan that creates the bucket.
  arn = "arn:${data.aws_partition.this.partition}:s3:::${var.name}"
}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_144:one region by design: another would be a second place that holds the data
  # checkov:skip=CKV2_AWS_62:readers that need event notifications add them; a bucket alone has nobody to tell
  bucket              = var.name
  object_lock_enabled = var.object_lock_days != null

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket     = aws_s3_bucket.this.id
  depends_on = [aws_s3_bucket_versioning.this]

  rule {
    id     = "leftovers"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }
  }

  dynamic "rule" {
    for_each = var.expiry
    content {
      id     = "expire-${rule.key == "" ? "all" : trimsuffix(rule.key, "/")}"
      status = "Enabled"
      filter {
        prefix = rule.key
      }
      expiration {
        days = rule.value
      }
      # Of two rules about one object S3 obeys the one that deletes earlier.
      dynamic "noncurrent_version_expiration" {
        for_each = contains(var.purged_prefixes, rule.key) ? [1] : []
        content {
          noncurrent_days = noncurrent_version_expiration.value
        }
      }
    }
  }

  dynamic "rule" {
    for_each = var.transitions
    content {
      id     = "move-${rule.key == "" ? "all" : trimsuffix(rule.key, "/")}"
      status = "Enabled"
      filter {
        prefix = rule.key
      }
      transition {
        days          = rule.value.days
        storage_class = rule.value.storage_class
      }
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = var.object_lock_days == null ? {} : { governance = var.object_lock_days }

  bucket = aws_s3_bucket.this.id

  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = each.value
    }
  }
}
