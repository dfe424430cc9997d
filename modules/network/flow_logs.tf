# Of the private subnets only: there, a peer is the load balancer or an endpoint. In the public subnets it would be a
# visitor, and a visitor's address must not be written to a log.
resource "aws_flow_log" "private" {
  for_each = local.private_subnet_ids

  subnet_id       = each.value
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.flow.arn
  iam_role_arn    = aws_iam_role.flow.arn
}

resource "aws_cloudwatch_log_group" "flow" {
  # checkov:skip=CKV_AWS_338:how long connections of instances are kept is the environment's decision
  name              = local.flow_log_group
  retention_in_days = var.flow_log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_iam_role" "flow" {
  name                 = "${var.name}-flow-log"
  assume_role_policy   = data.aws_iam_policy_document.flow_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

# docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html: the trust with its recommended conditions, and all five
# permissions that it asks for at least, each on what it can be narrowed to.
data "aws_iam_policy_document" "flow_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values = [
        "arn:${data.aws_partition.this.partition}:ec2:${data.aws_region.this.id}:${var.account_id}:vpc-flow-log/*",
      ]
    }
  }
}

locals {
  # By name, not by the resource: a reference would leave the policy unknown whenever the group changes.
  flow_log_group = "/snowveil/${var.name}/flow"
  log_groups     = "arn:${data.aws_partition.this.partition}:logs:${data.aws_region.this.id}:${var.account_id}:log-group"
}

data "aws_iam_policy_document" "flow" {
  statement {
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${local.log_groups}:${local.flow_log_group}:*"]
  }

  statement {
    actions   = ["logs:DescribeLogGroups"]
    resources = ["${local.log_groups}:*"]
  }
}

resource "aws_iam_role_policy" "flow" {
  name   = "write-flow-log"
  role   = aws_iam_role.flow.id
  policy = data.aws_iam_policy_document.flow.json
}
