# Only object actions are denied: listing shows no value, and a denied s3:ListBucket would also stop Terraform's refresh.
data "aws_iam_policy_document" "this" {
  statement {
    sid         = "DenyAllButPutToAllButBreakGlass"
    effect      = "Deny"
    not_actions = ["s3:PutObject"]
    resources   = [local.objects_arn]
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

  statement {
    sid       = "DenyPutToAllButPseudonymizers"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = [local.objects_arn]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = var.writer_role_arns
    }
  }

  # Also true where the header is absent: the writer must name this key, whatever the bucket's default becomes.
  statement {
    sid       = "DenyOtherKeys"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = [local.objects_arn]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
      values   = [var.kms_key_arn]
    }
  }
}
