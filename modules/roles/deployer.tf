locals {
  deployer = {
    network  = data.aws_iam_policy_document.network.json
    services = data.aws_iam_policy_document.services.json
    storage  = data.aws_iam_policy_document.storage.json
    identity = data.aws_iam_policy_document.identity.json
  }
}

# EC2 and load balancing make things whose names AWS chooses: they are bound to the region instead.
data "aws_iam_policy_document" "network" {
  # checkov:skip=CKV_AWS_111:names of what is made are AWS's own; the region bounds it
  # checkov:skip=CKV_AWS_356:names of what is made are AWS's own; the region bounds it
  # checkov:skip=CKV_AWS_109:security groups are what a deployer is there to make
  statement {
    actions = [
      "acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RequestCertificate", "autoscaling:*",
      "ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:AssociateVpcCidrBlock", "ec2:AuthorizeSecurityGroup*",
      "ec2:CreateFlowLogs", "ec2:CreateInternetGateway", "ec2:CreateLaunchTemplate*", "ec2:CreateRoute", "ec2:CreateRouteTable",
      "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateTags", "ec2:CreateVpc", "ec2:CreateVpcEndpoint",
      "ec2:DeleteFlowLogs", "ec2:DeleteInternetGateway", "ec2:DeleteLaunchTemplate*", "ec2:DeleteRoute", "ec2:DeleteRouteTable",
      "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteTags", "ec2:DeleteVpc", "ec2:DeleteVpcEndpoints",
      "ec2:DetachInternetGateway", "ec2:DisassociateRouteTable", "ec2:DisassociateVpcCidrBlock", "ec2:ModifyLaunchTemplate",
      "ec2:ModifySecurityGroupRules", "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint",
      "ec2:ReplaceRoute", "ec2:RevokeSecurityGroup*", "ec2:RunInstances", "elasticloadbalancing:*", "wafv2:*",
    ]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [local.region]
    }
  }

  # Route 53 is one service for all regions.
  statement {
    actions   = ["route53:ChangeResourceRecordSets"]
    resources = ["arn:${local.partition}:route53:::hostedzone/*"]
  }
}

data "aws_iam_policy_document" "services" {
  # checkov:skip=CKV_AWS_111:every resource is named by the environment's prefix
  # checkov:skip=CKV_AWS_108:reading is denied in no_data
  # checkov:skip=CKV_AWS_109:topics' policies are what a deployer is there to make
  statement {
    actions = [
      "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:PutCompositeAlarm", "cloudwatch:PutDashboard",
      "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource", "firehose:*", "kinesis:*", "lambda:*",
      "logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DeleteLogGroup", "logs:DeleteLogStream",
      "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource", "scheduler:*", "sns:*",
    ]
    resources = [
      "arn:${local.partition}:cloudwatch:${local.here}:alarm:${var.prefix}-*",
      "arn:${local.partition}:cloudwatch::${var.account_id}:dashboard/${var.prefix}-*",
      "arn:${local.partition}:firehose:${local.here}:deliverystream/${var.prefix}-*",
      "arn:${local.partition}:kinesis:${local.here}:stream/${var.prefix}-*",
      "arn:${local.partition}:lambda:${local.here}:function:${var.prefix}-*",
      "arn:${local.partition}:logs:${local.here}:log-group:/aws/kinesisfirehose/${var.prefix}-*",
      "arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/${var.prefix}-*",
      "arn:${local.partition}:logs:${local.here}:log-group:/snowveil/${var.prefix}*",
      "arn:${local.partition}:scheduler:${local.here}:schedule/*/${var.prefix}-*",
      "arn:${local.partition}:sns:${local.here}:${var.prefix}-*",
    ]
  }
}

data "aws_iam_policy_document" "storage" {
  # checkov:skip=CKV_AWS_111:every resource is named by the environment's prefix; keys have no name before they exist
  # checkov:skip=CKV_AWS_356:kms:CreateKey has no resource to name
  # checkov:skip=CKV_AWS_109:policies of buckets and keys are what a deployer is there to make
  # checkov:skip=CKV_AWS_108:reading is denied in no_data
  statement {
    actions = [
      "s3:CreateBucket", "s3:DeleteBucket*", "s3:PutAccelerateConfiguration", "s3:PutBucket*", "s3:PutEncryptionConfiguration",
      "s3:PutInventoryConfiguration", "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration",
    ]
    resources = values(local.buckets)
  }
  statement {
    actions = [
      "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListMultipartUploadParts", "s3:PutObject",
      "s3:PutObjectTagging",
    ]
    resources = ["${local.buckets.artifacts}/bundles/*"]
  }
  statement {
    actions = [
      "dynamodb:CreateTable", "dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:PutItem", "dynamodb:TagResource",
      "dynamodb:UntagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateItem", "dynamodb:UpdateTable",
    ]
    resources = ["arn:${local.partition}:dynamodb:${local.here}:table/${var.prefix}-enricher*"]
  }
  statement {
    actions = [
      "secretsmanager:CreateSecret", "secretsmanager:DeleteResourcePolicy", "secretsmanager:DeleteSecret",
      "secretsmanager:PutResourcePolicy", "secretsmanager:RestoreSecret", "secretsmanager:TagResource",
      "secretsmanager:UntagResource", "secretsmanager:ValidateResourcePolicy",
    ]
    resources = [local.secret]
  }
  statement {
    actions   = ["kms:CreateKey"]
    resources = ["*"]
  }
  statement {
    actions = [
      "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DisableKey", "kms:DisableKeyRotation", "kms:EnableKey",
      "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
      "kms:UpdateAlias", "kms:UpdateKeyDescription",
    ]
    resources = [local.keys, "arn:${local.partition}:kms:${local.here}:alias/${var.prefix}-*"]
  }
  # What services ask of whoever creates something under a key: docs/adr/0039-key-checks.md.
  statement {
    actions = [
      "kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom", "kms:ReEncryptTo",
    ]
    resources = [local.keys]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["dynamodb", "lambda", "s3", "secretsmanager"] : "${service}.${local.region}.amazonaws.com"]
    }
  }
}
