output "arns" {
  description = "ARN of each key by its name in var.keys."
  value       = { for name, key in aws_kms_key.this : name => key.arn }
}
