data "aws_partition" "this" {}
data "aws_region" "this" {}

resource "aws_iam_role" "this" {
  name                 = var.name
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

locals {
  # Put together, not the resource's own: a reviewer reads the whole role in the plan that creates it.
  log_group_arn = join(":", [
    "arn", data.aws_partition.this.partition, "logs", data.aws_region.this.id, var.account_id, "log-group",
    aws_cloudwatch_log_group.this.name,
  ])

  capabilities = {
    read-stream = data.aws_iam_policy_document.read_stream.json
    transform   = data.aws_iam_policy_document.transform.json
    write-lake  = data.aws_iam_policy_document.write_lake.json
    log         = data.aws_iam_policy_document.log.json
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = local.capabilities

  name   = each.key
  role   = aws_iam_role.this.id
  policy = each.value
}

data "aws_iam_policy_document" "read_stream" {
  statement {
    actions   = ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
    resources = [var.source_stream.arn]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.source_stream.kms_key_arn]
  }
}

data "aws_iam_policy_document" "transform" {
  statement {
    actions   = ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"]
    resources = [var.transform_arn]
  }
}

data "aws_iam_policy_document" "write_lake" {
  statement {
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [var.lake.arn]
  }

  statement {
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${var.lake.arn}/${var.prefix}*", "${var.lake.arn}/${local.error_prefix}*"]
  }

  # Decrypt: S3 needs it to put the parts of a multipart upload together.
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.lake.kms_key_arn]
  }
}

data "aws_iam_policy_document" "log" {
  statement {
    actions   = ["logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }
}
