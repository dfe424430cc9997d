data "aws_region" "this" {}

locals {
  port = 8080

  config = {
    collector = {
      interface = "0.0.0.0"
      port      = local.port
      # An absent key is how Snowplow says "no fallback domain".
      cookie               = { for key, value in var.settings.cookie : key => value if value != null }
      cors                 = var.settings.cors
      paths                = var.settings.paths
      networking           = var.settings.networking
      preTerminationPeriod = var.settings.preTerminationPeriod
      # Null: one for each core.
      workers = var.settings.workers
      durable = var.settings.durable
      # The unit's StateDirectory (modules/instance-group), on the encrypted volume.
      spill   = { directory = "/var/lib/snowveil-collector/spill", maxBytes = var.settings.spill.maxBytes }
      metrics = { port = var.settings.metrics.port }
      streams = {
        for kind in ["good", "bad"] : kind => {
          name     = var.streams[kind].name
          region   = data.aws_region.this.name
          maxBytes = 1000000
          buffer   = var.settings.buffer
        }
      }
    }
  }
}

module "instances" {
  source = "../instance-group"

  name              = var.name
  program           = "collector"
  config            = jsonencode(local.config)
  bundle            = var.bundle
  bundle_key_arn    = var.bundle_key_arn
  instances         = var.instances
  architecture      = var.architecture
  account_id        = var.account_id
  volume_key_arn    = var.volume_key_arn
  logs              = var.logs
  target_group_arns = [aws_lb_target_group.this.arn]
  policies          = { write-streams = data.aws_iam_policy_document.write_streams.json }

  network = {
    vpc_id     = var.network.vpc_id
    subnet_ids = var.network.private_subnet_ids
    endpoints  = var.network.endpoints
  }
}

data "aws_iam_policy_document" "write_streams" {
  statement {
    actions   = ["kinesis:DescribeStreamSummary", "kinesis:PutRecords"]
    resources = [var.streams.good.arn, var.streams.bad.arn]
  }

  statement {
    actions   = ["kms:GenerateDataKey"]
    resources = [var.streams.kms_key_arn]
  }
}
