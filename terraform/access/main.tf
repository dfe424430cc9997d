# Roles that the environment and its pipeline need before the first plan (docs/first-deployment.md). A root of its own: the deployer
# may not change the roles that bound it, so an administrator applies this.
module "roles" {
  source = "../../modules/roles"

  account_id     = var.account_id
  prefix         = var.prefix
  pipelines      = var.pipelines
  administrators = var.administrators
  people         = var.people
  state = {
    bucket_arn  = "arn:${data.aws_partition.this.partition}:s3:::${var.state_bucket}"
    kms_key_arn = data.aws_kms_alias.state.target_key_arn
  }
}

data "aws_partition" "this" {}

# Of terraform/bootstrap.
data "aws_kms_alias" "state" {
  name = "alias/snowveil-terraform-state"
}
