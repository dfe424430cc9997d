output "arn" {
  description = "ARN of the secret, once its policy is in force."
  value       = aws_secretsmanager_secret.this.arn
  depends_on  = [aws_secretsmanager_secret_policy.this]
}

output "policy" {
  description = "The secret's resource policy, JSON."
  value       = data.aws_iam_policy_document.this.json
}
