data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account_root = "arn:${data.aws_partition.this.partition}:iam::${var.account_id}:root"
  log_groups   = "arn:${data.aws_partition.this.partition}:logs:${data.aws_region.this.id}:${var.account_id}:log-group:*"
  auto_scaling = join("/", [
    "arn:${data.aws_partition.this.partition}:iam::${var.account_id}:role", "aws-service-role",
    "autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling",
  ])
}

resource "aws_kms_key" "this" {
  for_each = var.keys

  description             = each.value.description
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days
  policy                  = data.aws_iam_policy_document.key[each.key].json

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  for_each = var.keys

  name          = "alias/${var.prefix}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
