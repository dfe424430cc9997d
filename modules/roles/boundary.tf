# The most that a role of the pipeline can ever do, whatever policy it is given: what the pipeline's programs do, and nothing of IAM.
# docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
locals {
  pipeline_roles = "arn:${local.partition}:iam::${var.account_id}:role/${var.prefix}-*"
  boundary_arn   = "arn:${local.partition}:iam::${var.account_id}:policy/${var.name_prefix}-boundary"
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.name_prefix}-boundary"
  description = "The most that a role of the pipeline can do: give it to the environment as permissions_boundary_arn"
  policy      = data.aws_iam_policy_document.boundary.json
}

data "aws_iam_policy_document" "boundary" {
  # checkov:skip=CKV_AWS_107:a boundary allows nothing by itself
  # checkov:skip=CKV_AWS_108:a boundary allows nothing by itself
  # checkov:skip=CKV_AWS_109:a boundary allows nothing by itself
  # checkov:skip=CKV_AWS_111:a boundary allows nothing by itself
  # checkov:skip=CKV_AWS_356:a boundary allows nothing by itself
  statement {
    actions = [
      "autoscaling:CompleteLifecycleAction", "autoscaling:SetInstanceHealth", "cloudwatch:PutMetricData", "dynamodb:*Item",
      "dynamodb:DescribeTable", "dynamodb:Query", "dynamodb:Scan", "ec2messages:*", "ecr:BatchGetImage",
      "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer", "kinesis:DescribeStream*", "kinesis:GetRecords",
      "kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:PutRecord*", "kinesis:UpdateShardCount", "kms:Decrypt",
      "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "lambda:GetFunctionConfiguration", "lambda:InvokeFunction",
      "logs:CreateLogGroup", "logs:CreateLogStream", "logs:Describe*", "logs:PutLogEvents", "s3:AbortMultipartUpload",
      "s3:GetBucketLocation", "s3:GetObject*", "s3:GetReplicationConfiguration", "s3:ListBucket*", "s3:PutObject",
      "s3:Replicate*", "secretsmanager:GetSecretValue", "ssm:*", "ssmmessages:*", "sts:GetCallerIdentity", "xray:Put*",
    ]
    resources = ["*"]
  }
}
