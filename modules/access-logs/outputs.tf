output "bucket" {
  description = "Name of the bucket, once the log services may write to it."
  value       = module.bucket.name
}

output "policy" {
  description = "The bucket policy in force, JSON."
  value       = module.bucket.policy
}
