locals {
  # What every group of instances is given.
  platform = {
    account_id               = var.account_id
    architecture             = var.architecture
    ami_id                   = var.ami_id
    permissions_boundary_arn = var.permissions_boundary_arn
    volume_key_arn           = module.keys.arns["volumes"]
    artifacts_key_arn        = module.keys.arns["services"]
    logs                     = local.logs
    network = {
      vpc_id     = module.network.vpc_id
      subnet_ids = module.network.private_subnet_ids
      endpoints  = module.network.endpoints
    }
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
  platform          = local.platform
  public_subnet_ids = module.network.public_subnet_ids
  certificate_arn   = local.certified ? one(values(module.host_names)).certificate_arn : var.collector.certificate_arn
  https             = local.certified || var.collector.certificate_arn != null
  ipv6              = var.network.ipv6
  client_cidrs      = var.collector.client_cidrs
  settings          = var.collector.settings
  engine            = var.collector.engine
  snowplow          = var.collector.snowplow
  access_log_bucket = module.access_logs.bucket
  bundle            = module.artifacts.bundles["collector"]
  instances         = var.collector.instances
  web_acls = merge(
    { for name, made in module.firewall : name => made.arn },
    { for arn in var.collector.web_acl_arn[*] : "given" => arn },
  )
  release         = var.releases
  alarm_topic_arn = module.alarms.topic_arn

  requests_per_instance = var.collector.requests_per_instance

  streams = {
    good        = local.raw_stream
    bad         = local.delivered_streams["raw-bad"]
    kms_key_arn = module.keys.arns["streams"]
  }
}

module "enricher" {
  source = "../modules/enricher"

  name            = "${var.prefix}-enricher"
  platform        = local.platform
  settings        = var.enricher.settings
  engine          = var.enricher.engine
  snowplow        = var.enricher.snowplow
  enrichments     = var.enricher.enrichments
  iglu            = var.enricher.iglu
  assets          = var.enricher.assets
  alarm_topic_arn = module.alarms.topic_arn
  state_key_arn   = module.keys.arns["services"]
  bundle          = module.artifacts.bundles["enricher"]
  instances       = var.enricher.instances
  release = {
    # Records that wait: the new enrichers do not keep up, or none of them reads.
    alarms       = var.releases.watch_alarms ? [module.stream["raw-good"].alarms["iterator-age"]] : []
    bake_minutes = var.releases.bake_minutes
  }

  streams = {
    raw         = local.raw_stream
    good        = local.delivered_streams["enriched-good"]
    bad         = local.delivered_streams["enriched-bad"]
    kms_key_arn = module.keys.arns["streams"]
    pii         = one([for stream in module.pii_stream : { name = stream.name, arn = stream.arn, kms_key_arn = module.keys.arns["pii"] }])
  }
}

locals {
  certified = length(var.collector.host_names) > 0
}

module "host_names" {
  source   = "../modules/host-names"
  for_each = local.certified ? { collector = var.collector.host_names } : {}

  names         = each.value
  load_balancer = module.collector.load_balancer
  ipv6          = var.network.ipv6
}

module "firewall" {
  source   = "../modules/firewall"
  for_each = var.collector.firewall == null ? {} : { made = var.collector.firewall }

  name                 = "${var.prefix}-collector"
  requests_per_address = each.value.requests_per_address
  body_digits          = each.value.body_digits
}
