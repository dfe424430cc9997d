resource "aws_s3_bucket_logging" "this" {
  for_each = var.access_log_bucket == null ? {} : { (var.access_log_bucket) = "${var.name}/" }

  bucket        = aws_s3_bucket.this.id
  target_bucket = each.key
  target_prefix = each.value
}

# Noncurrent versions too: it answers what an erasure has left, and whether anything lies there past its expiry.
resource "aws_s3_bucket_inventory" "this" {
  for_each = var.inventory ? { daily = var.access_log_bucket } : {}

  bucket                   = aws_s3_bucket.this.id
  name                     = each.key
  included_object_versions = "All"
  optional_fields = [
    "BucketKeyStatus", "EncryptionStatus", "LastModifiedDate", "ObjectLockMode", "ObjectLockRetainUntilDate", "Size",
    "StorageClass",
  ]

  schedule {
    frequency = "Daily"
  }

  destination {
    bucket {
      bucket_arn = "arn:${data.aws_partition.this.partition}:s3:::${each.value}"
      prefix     = "inventory"
      format     = "CSV"
      encryption {
        sse_s3 {}
      }
    }
  }
}
