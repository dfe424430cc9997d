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
