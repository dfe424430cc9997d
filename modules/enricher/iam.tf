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
    resources = [aws_dynamodb_table.leases.arn]
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
