module "network" {
  source = "../modules/network"

  name                    = var.prefix
  cidr                    = var.network.cidr
  zones                   = var.network.zones
  interface_endpoints     = var.network.interface_endpoints
  flow_log_retention_days = var.log_retention_days
  logs_key_arn            = module.keys.arns["logs"]
}
