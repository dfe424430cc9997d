data "aws_iam_policy_document" "identity" {
  # checkov:skip=CKV_AWS_109:roles of the environment are what a deployer is there to make, within the boundary
  # checkov:skip=CKV_AWS_110:a role it makes is within the boundary, and it may pass it to the named services only
  # checkov:skip=CKV_AWS_111:every role is named by the environment's prefix
  statement {
    sid       = "RolesWithinTheBoundary"
    actions   = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    resources = [local.pipeline_roles]
    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [local.boundary_arn]
    }
  }
  statement {
    sid = "RolesAndProfiles"
    actions = [
      "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile", "iam:DeleteRole",
      "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile", "iam:TagRole",
      "iam:UntagInstanceProfile", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
    ]
    resources = [local.pipeline_roles, "arn:${local.partition}:iam::${var.account_id}:instance-profile/${var.prefix}-*"]
  }
  statement {
    sid       = "PassToTheServicesThatUseThem"
    actions   = ["iam:PassRole"]
    resources = [local.pipeline_roles]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values = [
        for service in ["ec2", "firehose", "lambda", "scheduler", "s3", "vpc-flow-logs"] : "${service}.amazonaws.com"
      ]
    }
  }
  # Made by AWS with the account's first group and load balancer.
  statement {
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::${var.account_id}:role/aws-service-role/*"]
    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"]
    }
  }
}
