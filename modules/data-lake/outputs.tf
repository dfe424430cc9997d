output "bucket" {
  description = "Name of the lake bucket, once it is encrypted and its policy is in force."
  value       = module.bucket.name
}

output "arn" {
  description = "ARN of the lake bucket, once it is encrypted and its policy is in force."
  value       = module.bucket.arn
}

output "error_prefix" {
  description = "Where deliveries write what they failed to transform, with its slash."
  value       = var.error_prefix
}

output "policy" {
  description = "The bucket policy in force, JSON."
  value       = module.bucket.policy
}
