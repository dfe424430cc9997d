locals {
  alarms = {
    freshness = {
      metric      = "DeliveryToS3.DataFreshness"
      statistic   = "Maximum"
      operator    = "GreaterThanThreshold"
      threshold   = var.alarm_freshness_minutes * 60
      description = "The oldest record has waited longer than ${var.alarm_freshness_minutes} minutes for the lake"
    }
    delivery-failed = {
      metric      = "DeliveryToS3.Success"
      statistic   = "Average"
      operator    = "LessThanThreshold"
      threshold   = 1
      description = "S3 refuses objects; Firehose repeats until the stream's retention ends"
    }
    transform-failed = {
      metric      = "SucceedProcessing.Success"
      statistic   = "Average"
      operator    = "LessThanThreshold"
      threshold   = 1
      description = "Records went, in clear, to the error prefix: repair the pseudonymizer and replay them"
    }
  }
}

# No record, no data: that is not a failure. A stream that nobody reads has its own alarm.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/Firehose"
  metric_name         = each.value.metric
  dimensions          = { DeliveryStreamName = aws_kinesis_firehose_delivery_stream.this.name }
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 1
  comparison_operator = each.value.operator
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
