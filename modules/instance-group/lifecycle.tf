# An instance counts only when its program answers. Until then Auto Scaling waits here, and ends it when the time is over: a
# release that never answers replaces nobody. The instance says so itself (templates/lifecycle.sh.tftpl); the first instances of
# a group start before the hook exists.
# docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
resource "aws_autoscaling_lifecycle_hook" "healthy" {
  name                   = "healthy"
  autoscaling_group_name = aws_autoscaling_group.this.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_LAUNCHING"
  heartbeat_timeout      = 2 * local.warmup_seconds
  default_result         = "ABANDON"
}

# Auto Scaling takes an instance out of its target group, then waits here. The instance sees it in its metadata and stops
# the program, which finishes what it holds. It answers nothing: when the time is over the instance ends, drained or not.
resource "aws_autoscaling_lifecycle_hook" "drain" {
  name                   = "drain"
  autoscaling_group_name = aws_autoscaling_group.this.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  # The instance looks every five seconds.
  heartbeat_timeout = var.drain_seconds + 30
  default_result    = "CONTINUE"
}

data "aws_iam_policy_document" "report_health" {
  statement {
    actions = ["autoscaling:CompleteLifecycleAction", "autoscaling:SetInstanceHealth"]
    resources = [join(":", [
      "arn", data.aws_partition.this.partition, "autoscaling", data.aws_region.this.id, var.platform.account_id,
      "autoScalingGroup", "*", "autoScalingGroupName/${var.name}",
    ])]
  }
}
