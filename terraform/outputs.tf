output "region" {
  description = "Region of everything below."
  value       = var.region
}

output "collector_endpoint" {
  description = "Where trackers send to."
  value       = module.collector.endpoint
}

output "streams" {
  description = "Names of the event streams, by what they carry."
  value       = { for kind, stream in module.stream : kind => stream.name }
}

output "buckets" {
  description = "Names of the buckets, by purpose."
  value = {
    lake        = module.lake.bucket
    artifacts   = module.artifacts.bucket
    quarantine  = module.quarantine.bucket
    access_logs = module.access_logs.bucket
  }
}

output "pseudonymizers" {
  description = "Names of the functions, by delivery."
  value       = { for delivery, function in module.pseudonymizer : delivery => function.name }
}

output "deliveries" {
  description = "Names of the Firehose streams, by delivery."
  value       = { for delivery, firehose in module.delivery : delivery => firehose.name }
}

output "launch_template_ids" {
  description = "Launch templates, by program."
  value = {
    collector = module.collector.launch_template_id
    enricher  = module.enricher.launch_template_id
  }
}

output "autoscaling_groups" {
  description = "Auto Scaling groups, by program."
  value = {
    collector = module.collector.autoscaling_group
    enricher  = module.enricher.autoscaling_group
  }
}

output "pseudonym_key_arn" {
  description = "The secret whose value is set out of band (scripts/set_key.py)."
  value       = module.pseudonym_key.arn
}

output "lease_table" {
  description = "The enricher's lease table."
  value       = module.enricher.lease_table
}

output "alarm_topic_arn" {
  description = "Topic of every alarm: subscribe whoever is on duty."
  value       = module.alarms.topic_arn
}

output "settings" {
  description = "The programs' settings, defaults included."
  value       = { collector = module.collector.settings, enricher = module.enricher.settings }

  precondition {
    condition     = length(local.unknown_keys) == 0
    error_message = "There is no setting ${join(", ", local.unknown_keys)}: modules/collector/settings.tf and modules/enricher/variables.tf list all."
  }
}

output "warehouse_role_arn" {
  description = "The role for Snowflake's storage integration, null without a warehouse."
  value       = one([for access in module.warehouse_access : access.role_arn])
}
