data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  # The instances come after the item and the third table too: one that finds no mode in its table chooses one itself. By
  # reference, since depends_on on a module defers all of its data sources: any change of a key would then roll the fleet.
  # developer.hashicorp.com/terraform/language/meta-arguments/depends_on
  application = [
    aws_dynamodb_table.leases.name, aws_dynamodb_table_item.mode.hash_key, aws_dynamodb_table.worker_metrics.name,
  ][0]

  config = {
    input = {
      streamName      = var.streams.raw.name
      region          = data.aws_region.this.id
      appName         = local.application
      initialPosition = { type = var.settings.initialPosition }
      retrievalMode   = var.settings.retrievalMode
      consumer        = var.settings.consumer
      leaseDuration   = var.settings.leaseDuration
    }
    validation    = var.settings.validation
    decompression = var.settings.decompression
    output = merge({
      good = {
        streamName    = var.streams.good.name
        region        = data.aws_region.this.id
        maxRecordSize = 1000000
        partitionKey  = var.settings.partitionKey
      }
      bad = {
        streamName = var.streams.bad.name
        region     = data.aws_region.this.id
      }
      }, var.streams.pii == null ? {} : {
      pii = {
        streamName = var.streams.pii.name
        region     = data.aws_region.this.id
      }
    })
    iglu       = { for key, value in { registry = "schemas", resolver = local.resolver_path } : key => value if value != null }
    monitoring = var.settings.monitoring
    # The bundle's own configurations, unless this one names any.
    enrichments = length(var.enrichments) == 0 ? "services/enricher/enrichments/defaults" : local.enrichments_directory
  }
}

module "instances" {
  source = "../instance-group"

  name         = var.name
  program      = "enricher"
  config       = var.engine == "snowplow" ? jsonencode(local.snowplow_config) : jsonencode(local.config)
  files        = merge(local.resolver_file, local.enrichment_files)
  secret_files = local.secret_enrichment_files
  arguments    = local.snowplow_arguments
  bundle       = var.engine == "snowveil" ? var.bundle : null
  container    = local.container
  instances    = var.instances
  platform     = var.platform

  health_url = "http://127.0.0.1:${var.settings.monitoring.healthProbe.port}/"
  release = {
    alarms       = var.release.alarms
    bake_minutes = var.release.bake_minutes
    # Two that poll would each read every shard.
    overlap = var.settings.consumer == "kcl"
  }

  packages = var.settings.consumer == "kcl" ? ["java-17-amazon-corretto-headless"] : []

  policies = merge(
    {
      read-raw       = data.aws_iam_policy_document.read_raw.json
      write-enriched = data.aws_iam_policy_document.write_enriched.json
      leases         = data.aws_iam_policy_document.leases.json
    },
    {
      for name, document in merge(
        data.aws_iam_policy_document.write_pii, data.aws_iam_policy_document.read_assets, data.aws_iam_policy_document.list_registries,
      ) :
      name => document.json
    },
  )
}
