output "bucket" {
  description = "Name of the quarantine bucket, once it is encrypted and its policy is in force."
  value       = module.bucket.name
}

output "arn" {
  description = "ARN of the quarantine bucket, once it is encrypted and its policy is in force."
  value       = module.bucket.arn
}

output "policy" {
  description = "The bucket policy in force, JSON."
  value       = module.bucket.policy
}
