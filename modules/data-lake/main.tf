data "aws_partition" "this" {}

locals {
  errors_arn = "arn:${data.aws_partition.this.partition}:s3:::${var.name}/${var.error_prefix}*"
}

module "bucket" {
  source = "../bucket"

  name              = var.name
  kms_key_arn       = var.kms_key_arn
  access_log_bucket = var.access_log_bucket
  inventory         = true
  expiry            = merge(var.expiry, { (var.error_prefix) = var.error_expiry_days })
  purged_prefixes   = [var.error_prefix]
  transitions       = var.transitions
  object_lock_days  = var.object_lock_days
  policies = {
    errors-for-break-glass-only = data.aws_iam_policy_document.errors.json
    named-readers-only          = data.aws_iam_policy_document.readers.json
  }
}
