data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.id
  here      = "${local.region}:${var.account_id}"

  buckets = { for purpose in ["access-logs", "artifacts", "lake", "quarantine"] : purpose => "arn:${local.partition}:s3:::${var.prefix}-${purpose}-${var.account_id}" }
  keys    = "arn:${local.partition}:kms:${local.here}:key/*"
  secret  = "arn:${local.partition}:secretsmanager:${local.here}:secret:${var.prefix}-pseudonym-key-*"

  # Who may become each role, and what it may do.
  roles = merge(
    {
      planner  = { trust = data.aws_iam_policy_document.pipeline_trust["planner"].json, policies = merge(local.planner, local.no_data), hours = 1 }
      deployer = { trust = data.aws_iam_policy_document.pipeline_trust["deployer"].json, policies = merge(local.planner, local.deployer, local.no_data), hours = 2 }
    },
    {
      for role, policies in local.people : role => {
        trust    = data.aws_iam_policy_document.people_trust[role].json
        policies = policies
        hours    = 1
      } if contains(keys(var.people), role)
    },
  )
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name                 = "${var.name_prefix}-${local.names[each.key]}"
  description          = local.descriptions[each.key]
  assume_role_policy   = each.value.trust
  max_session_duration = each.value.hours * 3600
}

# Managed, not inline: together they exceed what a role may hold inline, and each is reviewed by itself.
resource "aws_iam_policy" "this" {
  for_each = merge([
    for role, settings in local.roles : {
      for name, policy in settings.policies : "${role}-${name}" => { role = role, policy = policy }
    }
  ]...)

  name   = "${var.name_prefix}-${replace(each.key, "_", "-")}"
  policy = each.value.policy
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = aws_iam_policy.this

  role       = aws_iam_role.this[split("-", each.key)[0]].name
  policy_arn = each.value.arn
}

locals {
  # As environments/*/terraform.tfvars names them.
  names = merge({ for role in keys(local.descriptions) : role => replace(role, "_", "-") }, { custodian = "key-custodian" })

  descriptions = {
    planner     = "Reads the account's configuration and the state; reads no event and no secret"
    deployer    = "Changes what Terraform makes; reads no event and no secret"
    custodian   = "Sets the key of the pseudonyms; cannot read it back"
    break_glass = "Reads originals after a failure: quarantine, delivery errors, access logs"
    operator    = "Looks after the pipeline: failed events, logs, alarms, sessions on instances"
    analyst     = "Reads pseudonymized events"
  }
}
