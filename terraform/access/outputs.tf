output "role_arns" {
  description = "The roles: PLAN_ROLE_ARN and APPLY_ROLE_ARN of the pipeline are planner and deployer, the others go into terraform.tfvars."
  value       = module.roles.role_arns
}

output "boundary_arn" {
  description = "The environment's permissions_boundary_arn."
  value       = module.roles.boundary_arn
}
