output "lease_table" {
  description = "Name of the lease table."
  value       = aws_dynamodb_table.leases.name
}

output "launch_template_id" {
  description = "The launch template whose latest version the instances run."
  value       = module.instances.launch_template_id
}

output "autoscaling_group" {
  description = "Name of the Auto Scaling group."
  value       = module.instances.autoscaling_group
}

output "settings" {
  description = "The settings with their defaults: every key that there is, for the caller to compare with what was written."
  value       = var.settings
}

output "iglu" {
  description = "The registries with their defaults, for the same comparison."
  value       = var.iglu
}
