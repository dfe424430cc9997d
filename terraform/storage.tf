locals {
  buckets = { for purpose in ["artifacts", "lake", "quarantine"] : purpose => "${var.prefix}-${purpose}-${var.account_id}" }
}

module "access_logs" {
  source = "../modules/access-logs"

  name                 = "${var.prefix}-access-logs-${var.account_id}"
  account_id           = var.account_id
  bucket_names         = values(local.buckets)
  break_glass_role_arn = var.access.break_glass_role_arn
}

module "lake" {
  source = "../modules/data-lake"

  name                 = local.buckets.lake
  account_id           = var.account_id
  kms_key_arn          = module.keys.arns["lake"]
  access_log_bucket    = module.access_logs.bucket
  expiry               = var.lake.expiry_days
  readers              = local.lake_readers
  transitions          = var.lake.transitions
  object_lock_days     = var.lake.object_lock_days
  loader_queue_arns    = var.lake.loader_queue_arns
  break_glass_role_arn = var.access.break_glass_role_arn
  delivery_role_arns   = local.role_arns.deliveries
  alarm_topic_arn      = module.alarms.topic_arn
}

module "warehouse_access" {
  source   = "../modules/warehouse-access"
  for_each = local.warehouse

  name                     = "${var.prefix}-${each.key}"
  lake_arn                 = module.lake.arn
  kms_key_arn              = module.keys.arns["lake"]
  prefixes                 = local.loaded
  snowflake                = var.warehouse.snowflake
  permissions_boundary_arn = var.permissions_boundary_arn
}

module "artifacts" {
  source = "../modules/artifacts"

  name              = local.buckets.artifacts
  kms_key_arn       = module.keys.arns["services"]
  access_log_bucket = module.access_logs.bucket
  bundles = {
    for program in ["collector", "enricher"] : program => "${local.build}/${program}-${var.architecture}.tar.gz"
  }
}

module "lake_replica" {
  source    = "../modules/lake-replica"
  for_each  = local.replicas
  providers = { aws = aws, aws.replica = aws.replica }

  name                     = "${var.prefix}-lake-replica-${var.account_id}"
  role_name                = "${var.prefix}-lake-replica"
  account_id               = var.account_id
  source_bucket            = module.lake.bucket
  source_kms_key_arn       = module.keys.arns["lake"]
  kms_key_arn              = module.replica_keys[each.key].arns["lake-replica"]
  prefixes                 = keys(var.lake.readers)
  expiry                   = var.lake.expiry_days
  break_glass_role_arn     = var.access.break_glass_role_arn
  permissions_boundary_arn = var.permissions_boundary_arn
}
