# A pipeline proves who it is by a token of its own server, so no key of AWS is stored anywhere.
# docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
resource "aws_iam_openid_connect_provider" "this" {
  for_each = var.pipelines

  url            = each.value.issuer
  client_id_list = [each.value.audience]
}

locals {
  subjects = {
    planner  = { for name, pipeline in var.pipelines : name => concat(pipeline.plan_subjects, pipeline.apply_subjects) }
    deployer = { for name, pipeline in var.pipelines : name => pipeline.apply_subjects }
  }
}

data "aws_iam_policy_document" "pipeline_trust" {
  for_each = local.subjects

  dynamic "statement" {
    for_each = each.value
    content {
      sid     = "Pipelines${title(statement.key)}"
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type = "Federated"
        identifiers = [
          "arn:${local.partition}:iam::${var.account_id}:oidc-provider/${trimprefix(var.pipelines[statement.key].issuer, "https://")}",
        ]
      }
      condition {
        test     = "StringEquals"
        variable = "${trimprefix(var.pipelines[statement.key].issuer, "https://")}:aud"
        values   = [var.pipelines[statement.key].audience]
      }
      condition {
        test     = "StringLike"
        variable = "${trimprefix(var.pipelines[statement.key].issuer, "https://")}:sub"
        values   = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.administrators) == 0 ? {} : { Administrators = var.administrators }
    content {
      sid     = statement.key
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }
}

data "aws_iam_policy_document" "people_trust" {
  for_each = var.people

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = each.value
    }
  }
}
