locals {
  # Only these buckets' logs and lists are taken: a service that writes for somebody else's bucket is refused.
  source_arns = [for name in var.bucket_names : "arn:${data.aws_partition.this.partition}:s3:::${name}"]
}

data "aws_iam_policy_document" "this" {
  # Elastic Load Balancing writes under the account that owns the load balancer; its documentation names no condition key for this.
  # docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
  statement {
    sid       = "LoadBalancersOfThisAccountLog"
    actions   = ["s3:PutObject"]
    resources = ["${local.arn}/*/AWSLogs/${var.account_id}/*"]
    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }
  }

  # docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
  # docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html, "Granting permissions for Amazon S3 Inventory"
  dynamic "statement" {
    for_each = {
      BucketsOfThisProjectLog = { service = "logging.s3.amazonaws.com", resources = [for name in var.bucket_names : "${local.arn}/${name}/*"] }
      # Lists of the buckets' objects: names, no content.
      InventoryWrites = { service = "s3.amazonaws.com", resources = ["${local.arn}/inventory/*"] }
    }
    content {
      sid       = statement.key
      actions   = ["s3:PutObject"]
      resources = statement.value.resources
      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [var.account_id]
      }
      condition {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = local.source_arns
      }
    }
  }

  statement {
    sid         = "DenyAllButBreakGlass"
    effect      = "Deny"
    not_actions = ["s3:PutObject"]
    resources   = ["${local.arn}/*"]
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
