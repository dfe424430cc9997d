locals {
  # Metadata: names, times and stages of versions, this policy. No value.
  description = ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:ListSecretVersionIds"]
  reading     = ["secretsmanager:GetSecretValue"]
  # A new value, and which value is in force.
  custody = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
  # What Terraform needs to keep this module and to end it. UpdateSecret is not among it: it replaces the value too.
  administration = [
    "secretsmanager:DeleteResourcePolicy", "secretsmanager:DeleteSecret", "secretsmanager:PutResourcePolicy",
    "secretsmanager:RestoreSecret", "secretsmanager:TagResource", "secretsmanager:UntagResource",
    "secretsmanager:ValidateResourcePolicy",
  ]
}

resource "aws_secretsmanager_secret_policy" "this" {
  secret_arn          = aws_secretsmanager_secret.this.arn
  policy              = data.aws_iam_policy_document.this.json
  block_public_policy = true
}

# In a secret's policy "*" means this secret. What no statement names is denied to everybody: rotation, replication, a new
# value by UpdateSecret, and whatever the service learns to do.
data "aws_iam_policy_document" "this" {
  statement {
    sid         = "DenyWhatNobodyNeeds"
    effect      = "Deny"
    not_actions = concat(local.description, local.reading, local.custody, local.administration)
    resources   = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }

  dynamic "statement" {
    for_each = {
      DenyReadToAllButPseudonymizers     = { actions = local.reading, roles = var.reader_role_arns }
      DenyCustodyToAllButCustodian       = { actions = local.custody, roles = [var.custodian_role_arn] }
      DenyAdministrationToAllButDeployer = { actions = local.administration, roles = [var.deployer_role_arn] }
    }
    content {
      sid       = statement.key
      effect    = "Deny"
      actions   = statement.value.actions
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "ArnNotEquals"
        variable = "aws:PrincipalArn"
        values   = statement.value.roles
      }
    }
  }
}
