# A denial wins over every allowance, so a reader of the lake, even one allowed s3:* on the bucket, never sees a record
# that was not pseudonymized. Only object actions are denied: listing keys shows no value.
data "aws_iam_policy_document" "errors" {
  statement {
    sid         = "DenyErrorsToAllButBreakGlass"
    effect      = "Deny"
    not_actions = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources   = [local.errors_arn]
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
    sid       = "DenyErrorWritesToAllButDeliveries"
    effect    = "Deny"
    actions   = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = [local.errors_arn]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = var.delivery_role_arns
    }
  }
}
