output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "alias_arn" {
  description = "What a delivery invokes, once the function may do its work."
  value       = aws_lambda_alias.live.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "log_group" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}
