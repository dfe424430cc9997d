# The order of things: this role with a trust that nobody matches, the migration that makes the integration, then
# DESC INTEGRATION's user and external id as `snowflake`.
# docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration (steps 1 to 5)
resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "Snowflake's storage integration: reads what was delivered into the lake"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

# An external id keeps other accounts of Snowflake, which share its IAM user, from using this role.
# docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
data "aws_iam_policy_document" "trust" {
  statement {
    sid     = var.snowflake == null ? "NobodyYet" : "Snowflake"
    effect  = var.snowflake == null ? "Deny" : "Allow"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.snowflake == null ? "*" : var.snowflake.user_arn]
    }
    dynamic "condition" {
      for_each = var.snowflake[*]
      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value.external_id]
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "lake"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.reads.json
}

data "aws_iam_policy_document" "reads" {
  statement {
    sid       = "ReadDelivered"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [for prefix in var.prefixes : "${var.lake_arn}/${prefix}*"]
  }

  statement {
    sid       = "ListDelivered"
    actions   = ["s3:ListBucket"]
    resources = [var.lake_arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = [for prefix in var.prefixes : "${prefix}*"]
    }
  }

  statement {
    sid       = "FindRegion"
    actions   = ["s3:GetBucketLocation"]
    resources = [var.lake_arn]
  }

  statement {
    sid       = "DecryptLake"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }
}
