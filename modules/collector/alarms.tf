locals {
  of_group = { LoadBalancer = aws_lb.this.arn_suffix, TargetGroup = aws_lb_target_group.this.arn_suffix }

  alarms = {
    refuses = {
      metric      = "HTTPCode_ELB_5XX_Count"
      statistic   = "Sum"
      operator    = "GreaterThanThreshold"
      threshold   = 0
      missing     = "notBreaching"
      dimensions  = { LoadBalancer = aws_lb.this.arn_suffix }
      description = "The load balancer has nobody to give events to: they are lost unless the tracker repeats"
    }
    errors = {
      metric      = "HTTPCode_Target_5XX_Count"
      statistic   = "Sum"
      operator    = "GreaterThanThreshold"
      threshold   = 10
      missing     = "notBreaching"
      dimensions  = local.of_group
      description = "Collectors answer with errors: trackers repeat, and lose what they hold when they end"
    }
    # No data is an alarm too: the metric is there as long as a target is registered.
    hosts = {
      metric      = "HealthyHostCount"
      statistic   = "Minimum"
      operator    = "LessThanThreshold"
      threshold   = min(2, var.instances.min)
      missing     = "breaching"
      dimensions  = local.of_group
      description = "Fewer than ${min(2, var.instances.min)} collectors are healthy: one more fault is an outage"
    }
  }
}

# Metrics and when they are reported: docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = each.value.operator
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
