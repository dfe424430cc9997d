locals {
  bucket_arn = "arn:${data.aws_partition.this.partition}:s3:::${var.name}"
  reads      = ["s3:GetObject", "s3:GetObjectVersion"]
}

# Readers are allowed by IAM; this says who may be. Whatever an IAM policy allows, a prefix is read by its named roles only,
# and what is under no named prefix by break glass only.
data "aws_iam_policy_document" "readers" {
  dynamic "statement" {
    for_each = var.readers
    content {
      sid       = "DenyReadsOf${join("", [for word in split("-", trimsuffix(statement.key, "/")) : title(word)])}"
      effect    = "Deny"
      actions   = local.reads
      resources = ["${local.bucket_arn}/${statement.key}*"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "ArnNotEquals"
        variable = "aws:PrincipalArn"
        values   = concat(statement.value, [var.break_glass_role_arn])
      }
    }
  }

  statement {
    sid           = "DenyReadsOfEverythingElse"
    effect        = "Deny"
    actions       = local.reads
    not_resources = concat([local.bucket_arn], [for prefix in keys(var.readers) : "${local.bucket_arn}/${prefix}*"])
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
