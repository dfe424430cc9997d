locals {
  bucket_arn = "arn:${data.aws_partition.this.partition}:s3:::${var.name}"
  reads      = ["s3:GetObject", "s3:GetObjectVersion"]

  # IAM alone lets in a role of this account; one of another account the bucket must let in too.
  strangers = {
    for prefix, arns in var.readers : prefix => [for arn in arns : arn if split(":", arn)[4] != var.account_id]
  }
  readers_of_other_accounts = { for prefix, arns in local.strangers : prefix => arns if length(arns) > 0 }
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

  # docs.aws.amazon.com/AmazonS3/latest/userguide/example-walkthroughs-managing-access-example2.html
  dynamic "statement" {
    for_each = local.readers_of_other_accounts
    content {
      sid       = "OtherAccountsRead${join("", [for word in split("-", trimsuffix(statement.key, "/")) : title(word)])}"
      actions   = local.reads
      resources = ["${local.bucket_arn}/${statement.key}*"]
      principals {
        type        = "AWS"
        identifiers = distinct([for arn in statement.value : replace(arn, "/:role/.*$/", ":root")])
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = local.readers_of_other_accounts
    content {
      sid       = "OtherAccountsList${join("", [for word in split("-", trimsuffix(statement.key, "/")) : title(word)])}"
      actions   = ["s3:ListBucket"]
      resources = [local.bucket_arn]
      principals {
        type        = "AWS"
        identifiers = distinct([for arn in statement.value : replace(arn, "/:role/.*$/", ":root")])
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = statement.value
      }
      condition {
        test     = "StringLike"
        variable = "s3:prefix"
        values   = ["${statement.key}*"]
      }
    }
  }
}
