locals {
  # Put together, not the resources' own: a reviewer reads the whole role in the plan that creates it.
  table_arns = {
    for key, table in local.tables : key => join(":", [
      "arn", data.aws_partition.this.partition, "dynamodb", data.aws_region.this.id, var.platform.account_id, "table/${table.name}",
    ])
  }
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

# It writes them; nobody's role reads them back (the key's policy names no reader).
data "aws_iam_policy_document" "write_pii" {
  for_each = var.streams.pii == null ? {} : { write-pii = var.streams.pii }

  statement {
    actions   = ["kinesis:DescribeStreamSummary", "kinesis:PutRecords"]
    resources = [each.value.arn]
  }

  statement {
    actions   = ["kms:GenerateDataKey"]
    resources = [each.value.kms_key_arn]
  }
}

data "aws_iam_policy_document" "read_assets" {
  for_each = var.assets == null ? {} : { read-assets = var.assets }

  statement {
    actions   = ["s3:GetObject"]
    resources = each.value.object_arns
  }

  dynamic "statement" {
    for_each = length(each.value.kms_key_arns) == 0 ? {} : { "kms:Decrypt" = each.value.kms_key_arns }
    content {
      actions   = [statement.key]
      resources = statement.value
    }
  }
}

# S3 answers a missing key with 404 to who may list it, else with 403, which says nothing of the schema: with this an unknown
# schema is "not found", without it "refused". Schemas are not secret, and of the bucket nothing else can be listed.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax (Permissions)
data "aws_iam_policy_document" "list_registries" {
  for_each = length(local.bucket_registries) == 0 ? toset([]) : toset(["list-registries"])

  dynamic "statement" {
    for_each = local.bucket_registries
    content {
      actions   = ["s3:ListBucket"]
      resources = ["arn:${data.aws_partition.this.partition}:s3:::${statement.key}"]
      condition {
        test     = "StringLike"
        variable = "s3:prefix"
        values   = statement.value
      }
    }
  }
}

# What the library calls in its 2x mode and in its 3x mode; never CreateTable or UpdateTable.
data "aws_iam_policy_document" "leases" {
  statement {
    actions = [
      "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan",
      "dynamodb:UpdateItem",
    ]
    resources = values(local.table_arns)
  }

  statement {
    actions   = ["dynamodb:Query"]
    resources = ["${local.table_arns.leases}/index/LeaseOwnerToLeaseKeyIndex"]
  }

  # DynamoDB uses the tables' key in the name of whoever calls it.
  statement {
    actions   = ["kms:Decrypt", "kms:DescribeKey"]
    resources = [var.state_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["dynamodb.${data.aws_region.this.id}.amazonaws.com"]
    }
  }
}
