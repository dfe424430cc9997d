module "bucket" {
  source = "../bucket"

  name              = var.name
  kms_key_arn       = var.kms_key_arn
  access_log_bucket = var.access_log_bucket
  # A launch template names one version: an older template must still find its own while instances are replaced.
  noncurrent_days = 90
}

resource "aws_s3_object" "bundle" {
  for_each = var.bundles

  bucket      = module.bucket.name
  key         = "bundles/${each.key}.tar.gz"
  source      = each.value
  source_hash = filesha256(each.value)
  kms_key_id  = var.kms_key_arn
}
