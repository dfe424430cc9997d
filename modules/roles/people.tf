locals {
  people = {
    custodian   = { key = data.aws_iam_policy_document.custodian.json }
    break_glass = { originals = data.aws_iam_policy_document.break_glass.json }
    operator    = { operate = data.aws_iam_policy_document.operator.json, read = data.aws_iam_policy_document.lake["operator"].json }
    analyst     = { read = data.aws_iam_policy_document.lake["analyst"].json }
  }
}

# Sets a value; the secret's own policy denies reading it.
data "aws_iam_policy_document" "custodian" {
  statement {
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    resources = [local.secret]
  }
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [local.keys]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${local.region}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "break_glass" {
  statement {
    actions   = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${local.buckets.lake}/firehose-errors/*", "${local.buckets.quarantine}/*", "${local.buckets.access-logs}/*"]
  }
  statement {
    actions   = ["s3:ListBucket", "s3:ListBucketVersions"]
    resources = [local.buckets.lake, local.buckets.quarantine, local.buckets.access-logs]
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [local.keys]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "operator" {
  # checkov:skip=CKV_AWS_356:metrics and alarms have no resource to name
  statement {
    actions = [
      "autoscaling:Describe*", "cloudwatch:Describe*", "cloudwatch:GetMetric*", "cloudwatch:List*", "elasticloadbalancing:Describe*",
      "firehose:DescribeDeliveryStream", "kinesis:DescribeStreamSummary", "lambda:GetAlias", "logs:DescribeLog*", "ssm:DescribeInstanceInformation",
    ]
    resources = ["*"]
  }
  statement {
    actions = ["logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"]
    resources = [
      for group in ["/aws/kinesisfirehose/${var.prefix}-*", "/aws/lambda/${var.prefix}-*", "/snowveil/${var.prefix}*"] :
      "arn:${local.partition}:logs:${local.here}:log-group:${group}"
    ]
  }
  # `make watch` takes a version on trial out of use.
  statement {
    actions   = ["lambda:UpdateAlias"]
    resources = ["arn:${local.partition}:lambda:${local.here}:function:${var.prefix}-*"]
  }
  # No SSH: a session on an instance of this project, which CloudTrail records. It shows events in the memory of a program.
  statement {
    actions   = ["ssm:StartSession"]
    resources = ["arn:${local.partition}:ec2:${local.here}:instance/*"]
    condition {
      test     = "StringEquals"
      variable = "ssm:resourceTag/application"
      values   = ["snowveil"]
    }
  }
}

# The bucket's policy and the key's must name these roles too (lake.readers).
data "aws_iam_policy_document" "lake" {
  for_each = { analyst = ["output/"], operator = ["enriched-bad/", "raw-bad/"] }

  statement {
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [for prefix in each.value : "${local.buckets.lake}/${prefix}*"]
  }
  statement {
    actions   = ["s3:ListBucket"]
    resources = [local.buckets.lake]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = [for prefix in each.value : "${prefix}*"]
    }
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [local.keys]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}
