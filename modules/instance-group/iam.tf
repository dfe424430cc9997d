resource "aws_iam_role" "this" {
  name                 = var.name
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.platform.permissions_boundary_arn
}

resource "aws_iam_instance_profile" "this" {
  name = var.name
  role = aws_iam_role.this.name
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

# Operators reach an instance by a Session Manager session, which IAM allows and CloudTrail records. There is no SSH.
resource "aws_iam_role_policy_attachment" "session_manager" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy" "this" {
  for_each = merge(var.policies, { report-health = data.aws_iam_policy_document.report_health.json }, {
    for name, document in merge(
      data.aws_iam_policy_document.fetch_bundle, data.aws_iam_policy_document.pull_image,
      data.aws_iam_policy_document.read_secrets, data.aws_iam_policy_document.ship_log,
    ) : name => document.json
  })

  name   = each.key
  role   = aws_iam_role.this.id
  policy = each.value
}

data "aws_iam_policy_document" "fetch_bundle" {
  for_each = var.bundle == null ? {} : { fetch-bundle = var.bundle }

  statement {
    actions   = ["s3:GetObjectVersion"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${each.value.bucket}/${each.value.key}"]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.platform.artifacts_key_arn]
  }
}

data "aws_iam_policy_document" "pull_image" {
  for_each = var.container == null ? {} : { pull-image = try(regex(local.registry_form, var.container.image), ["", "", ""]) }

  # The login to ECR; AWS has no finer resource. It opens nothing by itself.
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = ["arn:${data.aws_partition.this.partition}:ecr:${each.value[1]}:${each.value[0]}:repository/${each.value[2]}"]
  }
}

data "aws_iam_policy_document" "read_secrets" {
  for_each = length(var.secret_files) == 0 ? {} : { read-secrets = var.secret_files }

  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for secret in each.value : secret.arn]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = distinct([for secret in each.value : secret.kms_key_arn])
  }
}
