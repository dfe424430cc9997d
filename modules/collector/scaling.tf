resource "aws_autoscaling_policy" "requests" {
  name                      = "requests"
  autoscaling_group_name    = module.instances.autoscaling_group
  policy_type               = "TargetTrackingScaling"
  estimated_instance_warmup = module.instances.warmup_seconds

  target_tracking_configuration {
    target_value = var.requests_per_instance

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${aws_lb.this.arn_suffix}/${aws_lb_target_group.this.arn_suffix}"
    }
  }

  # The metric exists only for a target group that a listener forwards to.
  depends_on = [aws_lb_listener.https, aws_lb_listener.plain]
}
