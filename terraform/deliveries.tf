module "delivery" {
  source   = "../modules/delivery"
  for_each = local.deliveries

  name                     = "${var.prefix}-${each.key}"
  prefix                   = "${each.key}/"
  account_id               = var.account_id
  permissions_boundary_arn = var.permissions_boundary_arn
  transform_arn            = module.pseudonymizer[each.key].alias_arn
  logs                     = local.logs

  alarm_topic_arn = module.alarms.topic_arn

  source_stream = {
    arn         = module.stream[each.value].arn
    kms_key_arn = module.keys.arns["streams"]
  }

  lake = {
    arn          = module.lake.arn
    kms_key_arn  = module.keys.arns["lake"]
    error_prefix = module.lake.error_prefix
  }
}
