variable "alarm_topic_arn" {
  description = "Topic that alarms go to."
  type        = string
}

locals {
  # Metrics of our own program (docs/enricher-fleet.md); Snowplow's writes none of them.
  alarms = var.engine != "snowveil" ? {} : {
    registry-unavailable = {
      metric      = "registry_unavailable"
      description = "A registry of schemas gave no answer for five minutes; events that need it fail and wait for recovery in enriched-bad"
    }
  }
}

# One is enough: each lookup that was given up is a failed event.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "Snowveil/Enricher"
  metric_name         = each.value.metric
  dimensions          = { application = local.application }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
