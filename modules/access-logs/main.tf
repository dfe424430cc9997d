data "aws_partition" "this" {}

locals {
  arn = "arn:${data.aws_partition.this.partition}:s3:::${var.name}"
}

module "bucket" {
  source = "../bucket"

  name              = var.name
  kms_key_arn       = null
  access_log_bucket = null
  expiry            = { "" = var.expiry_days }
  noncurrent_days   = 1
  policies          = { log-services-write-break-glass-reads = data.aws_iam_policy_document.this.json }
}
