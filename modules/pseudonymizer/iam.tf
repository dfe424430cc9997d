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
      identifiers = ["lambda.amazonaws.com"]
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
    read-key   = data.aws_iam_policy_document.read_key.json
    quarantine = data.aws_iam_policy_document.quarantine.json
    log        = data.aws_iam_policy_document.log.json
    trace      = data.aws_iam_policy_document.trace.json
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = local.capabilities

  name   = each.key
  role   = aws_iam_role.this.id
  policy = each.value
}

data "aws_iam_policy_document" "read_key" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.key_secret.arn]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.key_secret.kms_key_arn]
  }
}

data "aws_iam_policy_document" "quarantine" {
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${var.quarantine.arn}/quarantine/${var.delivery}/*"]
  }

  statement {
    actions   = ["kms:GenerateDataKey"]
    resources = [var.quarantine.kms_key_arn]
  }
}

data "aws_iam_policy_document" "log" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }
}

data "aws_iam_policy_document" "trace" {
  # checkov:skip=CKV_AWS_111:X-Ray has no resource to name
  # checkov:skip=CKV_AWS_356:X-Ray has no resource to name
  statement {
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }
}
