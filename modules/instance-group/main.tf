data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  # Installing Python and the bundle takes about two minutes.
  warmup_seconds = 180
}

resource "aws_launch_template" "this" {
  name          = var.name
  description   = "Runs ${var.container == null ? "services.${var.program}" : local.pinned_image}"
  instance_type = var.instances.type
  # Resolved at each launch: a replaced instance starts on the newest Amazon Linux 2023.
  image_id  = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.platform.architecture}"
  user_data = local.compressed_user_data

  vpc_security_group_ids = [aws_security_group.this.id]

  iam_instance_profile {
    arn = aws_iam_instance_profile.this.arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      encrypted             = true
      kms_key_id            = var.platform.volume_key_arn
      volume_type           = "gp3"
      volume_size           = var.instances.volume_gb
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true
  }

  lifecycle {
    precondition {
      condition     = length(local.compressed_user_data) <= 16384 * 4 / 3
      error_message = "The user data of ${var.name} exceeds EC2's 16 KB even compressed: shorten config or files, such as a script."
    }
  }
}

resource "aws_autoscaling_group" "this" {
  name                = var.name
  min_size            = var.instances.min
  max_size            = var.instances.max
  vpc_zone_identifier = var.platform.network.subnet_ids
  target_group_arns   = var.target_group_arns
  health_check_type   = length(var.target_group_arns) > 0 ? "ELB" : "EC2"
  # A check before the program runs would replace a starting instance.
  health_check_grace_period = local.warmup_seconds

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  # A changed config, bundle or template reaches the instances one after the other, never below the full number.
  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 100
      instance_warmup        = local.warmup_seconds
    }
  }

  tag {
    key                 = "Name"
    value               = var.name
    propagate_at_launch = true
  }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this, aws_iam_role_policy_attachment.session_manager]
}

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
