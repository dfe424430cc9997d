module "alarms" {
  source = "../modules/alarms"

  name        = "${var.prefix}-alarms"
  account_id  = var.account_id
  kms_key_arn = module.keys.arns["alarms"]
  emails      = var.alarm_emails
}
