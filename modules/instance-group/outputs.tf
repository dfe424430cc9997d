output "launch_template_id" {
  description = "The launch template whose latest version the instances run."
  value       = aws_launch_template.this.id
}

output "autoscaling_group" {
  description = "Name of the Auto Scaling group."
  value       = aws_autoscaling_group.this.name
}

output "security_group_id" {
  description = "Security group of the instances, for rules that let a client in."
  value       = aws_security_group.this.id
}

output "log_group" {
  description = "Name of the log group of what the program prints."
  value       = aws_cloudwatch_log_group.this.name
}

output "warmup_seconds" {
  description = "Seconds from an instance's start until it does its share: what a scaling policy waits for."
  value       = local.warmup_seconds
}
