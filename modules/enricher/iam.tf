locals {
  # Put together, not the resource's own: a reviewer reads the whole role in the plan that creates it.
  table_arn = join(":", [
    "arn", data.aws_partition.this.partition, "dynamodb", data.aws_region.this.name, var.account_id,
    "table/${aws_dynamodb_table.leases.name}",
  ])
}

data "aws_iam_policy_document" "read_raw" {
  statement {
    actions = [
      "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards",
    ]
    resources = [var.streams.raw.arn]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.streams.kms_key_arn]
  }
}

data "aws_iam_policy_document" "write_enriched" {
  statement {
    actions   = ["kinesis:DescribeStreamSummary", "kinesis:PutRecords"]
    resources = [var.streams.good.arn, var.streams.bad.arn]
  }

  statement {
    actions   = ["kms:GenerateDataKey"]
    resources = [var.streams.kms_key_arn]
  }
}

data "aws_iam_policy_document" "leases" {
  statement {
    actions = [
      "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan",
      "dynamodb:UpdateItem",
    ]
    resources = [local.table_arn]
  }

  # DynamoDB uses the table's key in the name of whoever calls it.
  statement {
    actions   = ["kms:Decrypt", "kms:DescribeKey"]
    resources = [var.state_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["dynamodb.${data.aws_region.this.name}.amazonaws.com"]
    }
  }
}
