output "topic_arn" {
  description = "What alarms and bucket notifications send to, once they may."
  value       = aws_sns_topic.this.arn
  depends_on  = [aws_sns_topic_policy.this]
}

output "policy" {
  description = "The topic's policy in force, JSON."
  value       = data.aws_iam_policy_document.this.json
}
