module "pseudonym_key" {
  source = "../modules/pseudonym-key"

  name               = "${var.prefix}-pseudonym-key"
  kms_key_arn        = module.keys.arns["secrets"]
  reader_role_arns   = local.role_arns.pseudonymizers
  custodian_role_arn = var.access.key_custodian_role_arn
  deployer_role_arn  = var.access.deployer_role_arn
}

module "quarantine" {
  source = "../modules/quarantine"

  name                 = local.buckets.quarantine
  kms_key_arn          = module.keys.arns["quarantine"]
  access_log_bucket    = module.access_logs.bucket
  writer_role_arns     = local.role_arns.pseudonymizers
  break_glass_role_arn = var.access.break_glass_role_arn
}

module "pseudonymizer" {
  source   = "../modules/pseudonymizer"
  for_each = local.deliveries

  name                     = "${var.prefix}-pseudonymizer-${each.key}"
  delivery                 = each.key
  account_id               = var.account_id
  permissions_boundary_arn = var.permissions_boundary_arn
  architecture             = var.architecture
  memory_mb                = var.pseudonymizer.memory_mb
  reserved_concurrency     = var.pseudonymizer.reserved_concurrency
  key_checks               = var.pseudonymizer.key_checks
  stable_version           = lookup(var.pseudonymizer.stable_versions, each.key, null)
  new_version_share        = var.pseudonymizer.new_version_share
  environment_key_arn      = module.keys.arns["services"]
  logs                     = local.logs
  alarm_topic_arn          = module.alarms.topic_arn

  package = {
    path         = local.pseudonymizer_package
    base64sha256 = filebase64sha256(local.pseudonymizer_package)
  }

  key_secret = {
    arn         = module.pseudonym_key.arn
    kms_key_arn = module.keys.arns["secrets"]
  }

  quarantine = {
    bucket      = module.quarantine.bucket
    arn         = module.quarantine.arn
    kms_key_arn = module.keys.arns["quarantine"]
  }
}

locals {
  pseudonymizer_package = "${local.build}/pseudonymizer-${var.architecture}.zip"
}
