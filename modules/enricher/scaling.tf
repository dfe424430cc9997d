# With the polling consumer the limits are 1 and 1 (variable instances): these then only watch.
resource "aws_autoscaling_policy" "age" {
  name                      = "iterator-age"
  autoscaling_group_name    = module.instances.autoscaling_group
  policy_type               = "TargetTrackingScaling"
  estimated_instance_warmup = module.instances.warmup_seconds

  target_tracking_configuration {
    # Milliseconds: an enricher that keeps up is within a second or two of the newest record.
    target_value = 60000
    # An idle stream has an age of 0 whatever the number of readers: CPU says when fewer are enough.
    disable_scale_in = true

    customized_metric_specification {
      namespace   = "AWS/Kinesis"
      metric_name = "GetRecords.IteratorAgeMilliseconds"
      statistic   = "Maximum"

      metric_dimension {
        name  = "StreamName"
        value = var.streams.raw.name
      }
    }
  }
}

resource "aws_autoscaling_policy" "cpu" {
  name                      = "cpu"
  autoscaling_group_name    = module.instances.autoscaling_group
  policy_type               = "TargetTrackingScaling"
  estimated_instance_warmup = module.instances.warmup_seconds

  target_tracking_configuration {
    target_value = 60

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}
