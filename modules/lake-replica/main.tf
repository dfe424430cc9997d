data "aws_partition" "this" {}

locals {
  source_arn = "arn:${data.aws_partition.this.partition}:s3:::${var.source_bucket}"
  arn        = "arn:${data.aws_partition.this.partition}:s3:::${var.name}"
}

module "bucket" {
  source    = "../bucket"
  providers = { aws = aws.replica }

  name        = var.name
  kms_key_arn = var.kms_key_arn
  # An access log must be in the bucket's own region, which has no log bucket: CloudTrail's data events tell who read the copy.
  access_log_bucket = null
  expiry            = var.expiry
  policies          = { break-glass-only = data.aws_iam_policy_document.break_glass_only.json }
}

# A copy for the worst day: nobody but break glass reads it until it takes the lake's place.
data "aws_iam_policy_document" "break_glass_only" {
  statement {
    sid       = "DenyReadsToAllButBreakGlass"
    effect    = "Deny"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${local.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = [var.break_glass_role_arn]
    }
  }
}

# docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html. Only the prefixes of delivered events: originals under the error
# prefix stay in one place. Deletions are not copied: an erasure is done in both buckets.
resource "aws_s3_bucket_replication_configuration" "this" {
  bucket     = var.source_bucket
  role       = aws_iam_role.this.arn
  depends_on = [aws_iam_role_policy.this]

  dynamic "rule" {
    for_each = { for at, prefix in sort(var.prefixes) : prefix => at }
    content {
      id       = trimsuffix(rule.key, "/")
      priority = rule.value
      status   = "Enabled"

      filter {
        prefix = rule.key
      }
      delete_marker_replication {
        status = "Disabled"
      }
      source_selection_criteria {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
      destination {
        bucket        = module.bucket.arn
        storage_class = "STANDARD_IA"
        encryption_configuration {
          replica_kms_key_id = var.kms_key_arn
        }
      }
    }
  }
}
