module "network" {
  source = "../modules/network"

  name                     = var.prefix
  account_id               = var.account_id
  readable_object_arns     = try(var.enricher.assets.object_arns, [])
  permissions_boundary_arn = var.permissions_boundary_arn
  cidr                     = var.network.cidr
  zones                    = var.network.zones
  existing                 = var.network.existing
  ipv6                     = var.network.ipv6
  interface_endpoints      = var.network.interface_endpoints
  pulls_images             = contains([var.collector.engine, var.enricher.engine], "snowplow")
  flow_log_retention_days  = var.log_retention_days
  logs_key_arn             = module.keys.arns["logs"]
}
