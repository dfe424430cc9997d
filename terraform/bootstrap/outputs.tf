output "bucket" {
  description = "The bucket of the states, once it is private, versioned and encrypted."
  value       = module.bucket.name
}

output "kms_key_arn" {
  description = "Key of every state: whoever works with Terraform needs kms:Decrypt and kms:GenerateDataKey on it."
  value       = module.keys.arns["state"]
}
