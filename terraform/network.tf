module "network" {
  source = "../modules/network"

  name                    = var.prefix
  cidr                    = var.network.cidr
  zones                   = var.network.zones
  existing                = var.network.existing
  interface_endpoints     = var.network.interface_endpoints
  pulls_images            = contains([var.collector.engine, var.enricher.engine], "snowplow")
  flow_log_retention_days = var.log_retention_days
  logs_key_arn            = module.keys.arns["logs"]
}
