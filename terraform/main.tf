# The names that entities need of each other before they exist: a key and a bucket policy say which roles may use them.
locals {
  deliveries = {
    output       = "enriched-good"
    enriched-bad = "enriched-bad"
    raw-bad      = "raw-bad"
  }

  pii = var.streams.pii == null ? toset([]) : toset(["pii"])

  replicas = toset(var.lake.replica_region[*])

  role_arns = {
    replicas       = [for region in local.replicas : "${local.role_arn}/${var.prefix}-lake-replica"]
    collector      = "${local.role_arn}/${var.prefix}-collector"
    enricher       = "${local.role_arn}/${var.prefix}-enricher"
    pseudonymizers = [for name in keys(local.deliveries) : "${local.role_arn}/${var.prefix}-pseudonymizer-${name}"]
    deliveries     = [for name in keys(local.deliveries) : "${local.role_arn}/${var.prefix}-${name}"]
    warehouse      = [for name in local.warehouse : "${local.role_arn}/${var.prefix}-${name}"]
  }

  # Whoever may read a delivered prefix: those that the environment names, and Snowflake's role.
  warehouse = var.warehouse == null ? toset([]) : toset(["warehouse"])
  loaded    = var.warehouse == null ? [] : [for name in keys(local.deliveries) : "${name}/"]
  lake_readers = {
    for prefix in distinct(concat(keys(var.lake.readers), local.loaded)) : prefix => concat(
      lookup(var.lake.readers, prefix, []), contains(local.loaded, prefix) ? local.role_arns.warehouse : []
    )
  }

  role_arn = "arn:${data.aws_partition.this.partition}:iam::${var.account_id}:role"
  build    = "${path.root}/../build"

  logs = {
    kms_key_arn    = module.keys.arns["logs"]
    retention_days = var.log_retention_days
  }
}

data "aws_partition" "this" {}
