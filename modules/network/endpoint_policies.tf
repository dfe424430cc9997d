# An endpoint without a policy leads to every account in the world: an instance could write events to a stranger's bucket with a
# stranger's credentials. A policy here allows nothing by itself; it narrows what roles and resources allow.
# docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
locals {
  # Where data could be left: also the resource is of this account. The others hold none, or AWS's own (Systems Manager's documents).
  keeps_data = toset(["dynamodb", "kinesis-streams", "kms", "logs", "s3", "secretsmanager"])

  # An endpoint's name and the prefix of its service's actions, where they differ.
  action_prefixes = {
    "ecr.api"         = "ecr"
    "ecr.dkr"         = "ecr"
    "kinesis-streams" = "kinesis"
    "monitoring"      = "cloudwatch"
  }

  # Objects of others that instances read, and who says so.
  foreign_objects = concat(
    # Amazon Linux 2023's packages: docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades-usage.html
    ["arn:${data.aws_partition.this.partition}:s3:::al2023-repos-${data.aws_region.this.id}-de612dc2/*"],
    # Layers of images: docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    var.pulls_images ? ["arn:${data.aws_partition.this.partition}:s3:::prod-${data.aws_region.this.id}-starport-layer-bucket/*"] : [],
    var.readable_object_arns,
  )
}

data "aws_iam_policy_document" "endpoint" {
  # checkov:skip=CKV_AWS_111:an endpoint's policy allows nothing by itself, and names the account
  # checkov:skip=CKV_AWS_356:an endpoint's policy allows nothing by itself, and names the account
  # checkov:skip=CKV_AWS_283:an endpoint's policy allows nothing by itself, and names the account
  for_each = setunion(local.gateways, local.services)

  statement {
    sid       = "ThisAccount"
    actions   = ["${lookup(local.action_prefixes, each.key, each.key)}:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    # S3 without it: a registry of schemas may be a bucket that is read without credentials.
    dynamic "condition" {
      for_each = each.key == "s3" ? [] : ["aws:PrincipalAccount"]
      content {
        test     = "StringEquals"
        variable = condition.value
        values   = [var.account_id]
      }
    }
    dynamic "condition" {
      for_each = contains(local.keeps_data, each.key) ? ["aws:ResourceAccount"] : []
      content {
        test     = "StringEquals"
        variable = condition.value
        values   = [var.account_id]
      }
    }
  }

  dynamic "statement" {
    for_each = each.key == "s3" ? { ReadOnlyOfOthers = local.foreign_objects } : {}
    content {
      sid       = statement.key
      actions   = ["s3:GetObject"]
      resources = statement.value
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
    }
  }
}
