locals {
  planner = {
    read  = data.aws_iam_policy_document.read.json
    state = data.aws_iam_policy_document.state.json
  }
  no_data = { no-data = data.aws_iam_policy_document.no_data.json }
}

# Configuration, no content: nothing here returns a record, an object of the lake or a secret's value.
data "aws_iam_policy_document" "read" {
  # checkov:skip=CKV_AWS_356:descriptions of what exists have no resource to name, or are of everything by nature
  # checkov:skip=CKV_AWS_108:what holds data is denied in no_data
  # checkov:skip=CKV_AWS_107:nothing listed returns a credential: iam:Get* shows policies
  statement {
    actions = [
      "acm:Describe*", "acm:List*", "autoscaling:Describe*", "cloudwatch:Describe*", "cloudwatch:List*", "dynamodb:Describe*",
      "dynamodb:List*", "ec2:Describe*", "ec2:GetManagedPrefixListEntries", "elasticloadbalancing:Describe*", "firehose:Describe*",
      "firehose:List*", "iam:Get*", "iam:List*", "kinesis:Describe*", "kinesis:List*", "kms:Describe*", "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus", "kms:List*", "lambda:Get*", "lambda:List*", "logs:Describe*", "logs:List*", "route53:Get*",
      "route53:List*", "scheduler:Get*", "scheduler:List*", "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
      "servicequotas:Get*", "servicequotas:List*", "sns:Get*", "sns:List*", "ssm:GetParameter", "sts:GetCallerIdentity",
      "wafv2:Get*", "wafv2:List*",
    ]
    resources = ["*"]
  }

  statement {
    actions = [
      "s3:GetAccelerateConfiguration", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetInventoryConfiguration",
      "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListAllMyBuckets", "s3:ListBucket",
    ]
    resources = ["*"]
  }

  # The bundles, whose object Terraform refreshes, and the one item that it writes.
  statement {
    actions   = ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"]
    resources = ["${local.buckets.artifacts}/bundles/*"]
  }
  statement {
    actions   = ["dynamodb:GetItem"]
    resources = ["arn:${local.partition}:dynamodb:${local.here}:table/${var.prefix}-enricher-CoordinatorState"]
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = [local.keys]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["dynamodb", "lambda", "s3"] : "${service}.${local.region}.amazonaws.com"]
    }
  }
}

# The state, and the lock file beside it, which a plan holds too.
data "aws_iam_policy_document" "state" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [var.state.bucket_arn]
  }
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${var.state.bucket_arn}/*"]
  }
  statement {
    actions   = ["s3:DeleteObject"]
    resources = ["${var.state.bucket_arn}/*.tflock"]
  }
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.state.kms_key_arn]
  }
}

# Whatever else such a role is given: it reads no event and no secret. It can change policies, so this keeps mistakes away, not
# an attacker who holds the deployer; that is what reviews and the boundary are for.
data "aws_iam_policy_document" "no_data" {
  statement {
    sid    = "NoEvents"
    effect = "Deny"
    actions = [
      "dynamodb:Query", "dynamodb:Scan", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:PutRecord", "kinesis:PutRecords",
      "kinesis:SubscribeToShard", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "ssm:SendCommand", "ssm:StartSession",
    ]
    resources = ["*"]
  }
  statement {
    sid       = "NoObjects"
    effect    = "Deny"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [for purpose in ["access-logs", "lake", "quarantine"] : "${local.buckets[purpose]}/*"]
  }
}
