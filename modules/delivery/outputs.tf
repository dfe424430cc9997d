output "name" {
  description = "Name of the Firehose stream."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "log_group" {
  description = "Name of the log group of delivery errors."
  value       = aws_cloudwatch_log_group.this.name
}

output "source_stream_arn" {
  description = "ARN of the source stream, once it is delivered: Firehose starts at the newest record, older ones would stay behind."
  value       = var.source_stream.arn
  depends_on  = [aws_kinesis_firehose_delivery_stream.this]
}
