locals {
  lambda = { namespace = "AWS/Lambda", statistic = "Sum", threshold = 0, dimensions = { FunctionName = var.name } }
  own    = { namespace = "Snowveil/Pseudonymizer", statistic = "Sum", threshold = 0, dimensions = { Delivery = var.delivery } }

  alarms = {
    errors = merge(local.lambda, {
      metric      = "Errors"
      description = "Batches fail; after four attempts Firehose writes their records, in clear, to the error prefix"
    })
    throttled = merge(local.lambda, {
      metric      = "Throttles"
      description = "Concurrency is exhausted; after four attempts Firehose writes records, in clear, to the error prefix"
    })
    slow = merge(local.lambda, {
      metric      = "Duration"
      statistic   = "Maximum"
      threshold   = var.timeout_seconds * 800
      description = "A batch takes more than 80 % of the time after which it fails"
    })
    quarantined = merge(local.own, {
      metric      = "Quarantined"
      description = "Records could not be read and wait in the quarantine: repair and replay them before they expire"
    })
    asked-for-many = merge(local.own, {
      metric      = "MostPseudonyms"
      statistic   = "Maximum"
      threshold   = 192
      description = "One record had the pseudonyms of many values: half of what the policy's limits allow. Somebody may be asking which pseudonym a value has"
    })
    quarantine-failed = merge(local.own, {
      metric      = "QuarantineFailed"
      description = "The quarantine refuses records; Firehose writes them, in clear, to the error prefix"
    })
  }
}

# One is enough: each of these means records that are not where they belong.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
