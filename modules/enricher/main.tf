data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  config = {
    input = {
      streamName      = var.streams.raw.name
      region          = data.aws_region.this.name
      appName         = aws_dynamodb_table.leases.name
      initialPosition = { type = var.settings.initialPosition }
      retrievalMode   = var.settings.retrievalMode
      consumer        = var.settings.consumer
      leaseDuration   = var.settings.leaseDuration
    }
    output = {
      good = {
        streamName    = var.streams.good.name
        region        = data.aws_region.this.name
        maxRecordSize = 1000000
      }
      bad = {
        streamName = var.streams.bad.name
        region     = data.aws_region.this.name
      }
    }
    iglu       = { registry = "schemas" }
    monitoring = var.settings.monitoring
  }
}

module "instances" {
  source = "../instance-group"

  name           = var.name
  program        = "enricher"
  config         = jsonencode(local.config)
  bundle         = var.bundle
  bundle_key_arn = var.bundle_key_arn
  instances      = var.instances
  architecture   = var.architecture
  account_id     = var.account_id
  volume_key_arn = var.volume_key_arn
  logs           = var.logs

  packages = var.settings.consumer == "kcl" ? ["java-17-amazon-corretto-headless"] : []

  policies = {
    read-raw       = data.aws_iam_policy_document.read_raw.json
    write-enriched = data.aws_iam_policy_document.write_enriched.json
    leases         = data.aws_iam_policy_document.leases.json
  }

  network = {
    vpc_id     = var.network.vpc_id
    subnet_ids = var.network.private_subnet_ids
    endpoints  = var.network.endpoints
  }

  # An instance that finds no mode in its table chooses one itself.
  depends_on = [aws_dynamodb_table_item.mode, aws_dynamodb_table.worker_metrics]
}
