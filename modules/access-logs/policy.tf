data "aws_iam_policy_document" "this" {
  statement {
    sid       = "LogServicesWrite"
    actions   = ["s3:PutObject"]
    resources = ["${local.arn}/*"]
    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com", "logging.s3.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }

  # Lists of the buckets' objects: names, no content.
  statement {
    sid       = "InventoryWrites"
    actions   = ["s3:PutObject"]
    resources = ["${local.arn}/inventory/*"]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
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
