locals {
  alarms = {
    # No data is an alarm too: a stream that nobody reads loses its records when the retention ends, without an error.
    iterator-age = {
      metric       = "GetRecords.IteratorAgeMilliseconds"
      statistic    = "Maximum"
      threshold    = var.alarm_age_minutes * 60000
      missing      = "breaching"
      description  = "Records wait longer than ${var.alarm_age_minutes} minutes, or nobody reads; after ${var.retention_hours} hours they are lost"
      out_of_three = 3
    }
    write-throttled = {
      metric       = "WriteProvisionedThroughputExceeded"
      statistic    = "Sum"
      threshold    = 0
      missing      = "notBreaching"
      description  = "Writers are refused: they repeat from memory, and lose it when they stop"
      out_of_three = 2
    }
    read-throttled = {
      metric       = "ReadProvisionedThroughputExceeded"
      statistic    = "Sum"
      threshold    = 0
      missing      = "notBreaching"
      description  = "Readers are refused and fall behind"
      out_of_three = 3
    }
  }
}

locals {
  # At 60 % of what the shards take there is time to add some: a shard takes 1 MiB or 1,000 records a second.
  # docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html. On demand, Kinesis adds them itself.
  full = var.shard_count == null ? {} : {
    bytes-high = {
      metric       = "IncomingBytes"
      statistic    = "Sum"
      threshold    = 0.6 * local.shards * 1048576 * 300
      missing      = "notBreaching"
      description  = "More than 60 % of the bytes that ${local.shards} shards take arrive: add shards, or a schedule"
      out_of_three = 3
    }
    records-high = {
      metric       = "IncomingRecords"
      statistic    = "Sum"
      threshold    = 0.6 * local.shards * 1000 * 300
      missing      = "notBreaching"
      description  = "More than 60 % of the records that ${local.shards} shards take arrive: add shards, or a schedule"
      out_of_three = 3
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = merge(local.alarms, local.full)

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/Kinesis"
  metric_name         = each.value.metric
  dimensions          = { StreamName = aws_kinesis_stream.this.name }
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = each.value.out_of_three
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
