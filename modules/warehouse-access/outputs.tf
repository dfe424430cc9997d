output "role_arn" {
  description = "ARN of the role, for the storage integration's STORAGE_AWS_ROLE_ARN."
  value       = aws_iam_role.this.arn
}
