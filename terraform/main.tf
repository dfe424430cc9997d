# The names that entities need of each other before they exist: a key and a bucket policy say which roles may use them.
locals {
  deliveries = {
    output       = "enriched-good"
    enriched-bad = "enriched-bad"
    raw-bad      = "raw-bad"
  }

  pii = var.streams.pii == null ? toset([]) : toset(["pii"])

  role_arns = {
    collector      = "${local.role_arn}/${var.prefix}-collector"
    enricher       = "${local.role_arn}/${var.prefix}-enricher"
    pseudonymizers = [for name in keys(local.deliveries) : "${local.role_arn}/${var.prefix}-pseudonymizer-${name}"]
    deliveries     = [for name in keys(local.deliveries) : "${local.role_arn}/${var.prefix}-${name}"]
  }

  role_arn = "arn:${data.aws_partition.this.partition}:iam::${var.account_id}:role"
  build    = "${path.root}/../build"

  logs = {
    kms_key_arn    = module.keys.arns["logs"]
    retention_days = var.log_retention_days
  }
}

data "aws_partition" "this" {}
