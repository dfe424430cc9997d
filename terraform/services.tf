locals {
  service_network = {
    vpc_id             = module.network.vpc_id
    public_subnet_ids  = module.network.public_subnet_ids
    private_subnet_ids = module.network.private_subnet_ids
    endpoints          = module.network.endpoints
  }

  # A delivered stream's ARN comes from its delivery: nothing writes to the stream before somebody reads it.
  delivered_streams = {
    for delivery, stream in local.deliveries : stream => {
      name = module.stream[stream].name
      arn  = module.delivery[delivery].source_stream_arn
    }
  }
  raw_stream = {
    name = module.stream["raw-good"].name
    arn  = module.stream["raw-good"].arn
  }
}

module "collector" {
  source = "../modules/collector"

  name              = "${var.prefix}-collector"
  network           = local.service_network
  certificate_arn   = var.collector.certificate_arn
  client_cidrs      = var.collector.client_cidrs
  settings          = var.collector.settings
  access_log_bucket = module.access_logs.bucket
  bundle            = module.artifacts.bundles["collector"]
  bundle_key_arn    = module.keys.arns["services"]
  instances         = var.collector.instances
  architecture      = var.architecture
  account_id        = var.account_id
  volume_key_arn    = module.keys.arns["volumes"]
  logs              = local.logs
  web_acl_arn       = var.collector.web_acl_arn

  requests_per_instance = var.collector.requests_per_instance

  streams = {
    good        = local.raw_stream
    bad         = local.delivered_streams["raw-bad"]
    kms_key_arn = module.keys.arns["streams"]
  }
}

module "enricher" {
  source = "../modules/enricher"

  name           = "${var.prefix}-enricher"
  account_id     = var.account_id
  network        = local.service_network
  state_key_arn  = module.keys.arns["services"]
  bundle         = module.artifacts.bundles["enricher"]
  bundle_key_arn = module.keys.arns["services"]
  instances      = var.enricher.instances
  settings       = var.enricher.settings
  architecture   = var.architecture
  volume_key_arn = module.keys.arns["volumes"]
  logs           = local.logs

  streams = {
    raw         = local.raw_stream
    good        = local.delivered_streams["enriched-good"]
    bad         = local.delivered_streams["enriched-bad"]
    kms_key_arn = module.keys.arns["streams"]
  }
}
