data "aws_partition" "this" {}

locals {
  objects_arn = "arn:${data.aws_partition.this.partition}:s3:::${var.name}/*"
}

module "bucket" {
  source = "../bucket"

  name              = var.name
  kms_key_arn       = var.kms_key_arn
  access_log_bucket = var.access_log_bucket
  inventory         = true
  expiry            = { "" = var.expiry_days }
  noncurrent_days   = 1
  policies          = { write-only = data.aws_iam_policy_document.this.json }
}
