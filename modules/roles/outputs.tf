output "role_arns" {
  description = "ARNs of the roles: planner, deployer, and those of people that were asked for."
  value       = { for name, role in aws_iam_role.this : name => role.arn }
}

output "boundary_arn" {
  description = "The boundary: the environment's permissions_boundary_arn."
  value       = aws_iam_policy.boundary.arn
}

output "policies" {
  description = "The policies of each role, JSON, by role and name."
  value       = { for role, settings in local.roles : role => settings.policies }
}
