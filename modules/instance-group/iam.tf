resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
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
  for_each = merge(var.policies, {
    fetch-bundle = data.aws_iam_policy_document.fetch_bundle.json
    ship-log     = data.aws_iam_policy_document.ship_log.json
  })

  name   = each.key
  role   = aws_iam_role.this.id
  policy = each.value
}

data "aws_iam_policy_document" "fetch_bundle" {
  statement {
    actions   = ["s3:GetObjectVersion"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${var.bundle.bucket}/${var.bundle.key}"]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.bundle_key_arn]
  }
}
