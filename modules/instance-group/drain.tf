# Auto Scaling takes an instance out of its target group, then waits here. The instance sees it in its metadata and stops
# the program (templates/drain.sh.tftpl), which finishes what it holds. It answers nothing: when the time is over the
# instance ends, drained or not, so the role needs no permission and the network no further endpoint.
resource "aws_autoscaling_lifecycle_hook" "drain" {
  name                   = "drain"
  autoscaling_group_name = aws_autoscaling_group.this.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  # The instance looks every five seconds.
  heartbeat_timeout = var.drain_seconds + 30
  default_result    = "CONTINUE"
}
