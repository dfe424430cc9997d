data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  # Not the resource's own attribute: a reviewer reads the policy in the plan that creates the topic.
  arn = "arn:${data.aws_partition.this.partition}:sns:${data.aws_region.this.id}:${var.account_id}:${var.name}"
}

# No statement for roles: with IAM's own allowances the account still administers the topic.
data "aws_iam_policy_document" "this" {
  statement {
    sid       = "AlarmsAndBucketsOfThisAccount"
    actions   = ["sns:Publish"]
    resources = [local.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "s3.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}
