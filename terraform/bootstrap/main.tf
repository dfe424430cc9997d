# What must exist before the root module has a state: the bucket of the states and its key.
module "keys" {
  source = "../../modules/keys"

  prefix     = "snowveil-terraform"
  account_id = var.account_id
  keys = {
    state = { description = "Terraform states: IAM policies of the account decide who reads and writes them" }
  }
}

module "bucket" {
  source = "../../modules/bucket"

  name        = var.bucket
  kms_key_arn = module.keys.arns["state"]
  # The account's first bucket: there is none yet to log to. CloudTrail's data events tell who read a state.
  access_log_bucket = null
  noncurrent_days   = 365
  policies          = { "no-other-key" = data.aws_iam_policy_document.no_other_key.json }
}

data "aws_partition" "this" {}

# A writer that names an encryption of its own would leave a state outside the key. One that names none gets the key, and
# an absent header counts as unequal: hence both conditions.
data "aws_iam_policy_document" "no_other_key" {
  statement {
    sid       = "DenyOtherEncryption"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${var.bucket}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["false"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["aws:kms"]
    }
  }
}
