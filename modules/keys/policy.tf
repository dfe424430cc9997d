# In a key policy "*" means this key: the resource of every statement is the key the policy is attached to.
data "aws_iam_policy_document" "key" {
  # checkov:skip=CKV_AWS_109:a key policy applies to its own key only and must leave the account able to administer it
  # checkov:skip=CKV_AWS_111:a key policy applies to its own key only
  # checkov:skip=CKV_AWS_356:a key policy applies to its own key only
  for_each = var.keys

  # Without it nobody could ever change or delete the key again. It administers, it does not decrypt.
  statement {
    sid       = "AccountAdministers"
    actions   = local.administration
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [local.account_root]
    }
  }

  dynamic "statement" {
    for_each = each.value.roles == null ? { "AccountPoliciesDecideUse" = local.use } : {}
    content {
      sid       = statement.key
      actions   = statement.value
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = [local.account_root]
      }
    }
  }

  # The condition names roles that need not exist yet: a key comes before the roles that use it. A role of another account also
  # needs its own account's policy. docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
  dynamic "statement" {
    for_each = each.value.roles == null ? {} : {
      for sid, grant in {
        NamedRolesEncrypt = { actions = local.encrypt, roles = each.value.roles.encrypt }
        NamedRolesDecrypt = { actions = local.decrypt, roles = each.value.roles.decrypt }
      } : sid => grant if length(grant.roles) > 0
    }
    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = distinct([for arn in statement.value.roles : replace(arn, "/:role/.*$/", ":root")])
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = statement.value.roles
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.services) > 0 ? { "ServicesOfThisAccount" = each.value.services } : {}
    content {
      sid       = statement.key
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = statement.value
      }
      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [var.account_id]
      }
    }
  }

  # Secrets Manager checks that whoever creates a secret may use its key: it calls both in the caller's name and throws the
  # results away. This encryption context is of that check alone: a stored value's names its version, so none becomes readable.
  # docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html, "Validating access to the KMS key"
  dynamic "statement" {
    for_each = each.value.secrets ? { "SecretsManagerChecksItsCaller" = ["kms:Decrypt", "kms:GenerateDataKey"] } : {}
    content {
      sid       = statement.key
      actions   = statement.value
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = [local.account_root]
      }
      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${data.aws_region.this.id}.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:SecretVersionId"
        values   = ["RequestToValidateKeyAccess"]
      }
    }
  }

  # Everybody, narrowed to one role by the condition: a principal would have to exist, and Auto Scaling makes its role with
  # the account's first group. No IAM policy of that role can be changed, so the key itself must allow it.
  dynamic "statement" {
    for_each = each.value.volumes ? {
      AutoScalingUses       = { actions = setsubtract(local.use, ["kms:CreateGrant"]), conditions = {} }
      AutoScalingLetsEbsUse = { actions = ["kms:CreateGrant"], conditions = { "kms:GrantIsForAWSResource" = "true" } }
    } : {}
    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = [local.auto_scaling]
      }
      dynamic "condition" {
        for_each = statement.value.conditions
        content {
          test     = "Bool"
          variable = condition.key
          values   = [condition.value]
        }
      }
    }
  }

  dynamic "statement" {
    for_each = each.value.log_groups ? { "LogGroupsOfThisAccount" = local.use } : {}
    content {
      sid       = statement.key
      actions   = statement.value
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = ["logs.${data.aws_region.this.id}.amazonaws.com"]
      }
      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:aws:logs:arn"
        values   = [local.log_groups]
      }
    }
  }
}
