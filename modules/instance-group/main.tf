data "aws_partition" "this" {}
data "aws_region" "this" {}

# Auto Scaling copies no tag of the provider: without these lines instances, volumes and interfaces have none, and their costs
# belong to nobody. docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
data "aws_default_tags" "this" {}

locals {
  # Installing Python and the bundle takes about two minutes.
  warmup_seconds = 180
}

resource "aws_launch_template" "this" {
  name          = var.name
  description   = "Runs ${var.container == null ? "services.${var.program}" : local.pinned_image}"
  instance_type = var.instances.type
  # Pinned: an image that is resolved at each launch would reach a scale-out untested, and Auto Scaling rolls back no launch
  # template that names a parameter. docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
  image_id  = var.platform.ami_id
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

  dynamic "tag_specifications" {
    for_each = toset(["instance", "network-interface", "volume"])
    content {
      resource_type = tag_specifications.key
      tags          = merge(data.aws_default_tags.this.tags, { Name = var.name })
    }
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

  # Without them no alarm can tell how many instances there are. docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupTotalInstances"]

  # The first apply fails unless the load balancer finds them healthy. Not wait_for_elb_capacity: an update would wait for
  # exactly that number, which a group that has scaled out never has. Updates are watched by `make watch`.
  min_elb_capacity = length(var.target_group_arns) > 0 ? var.instances.min : null

  # A changed config, bundle or template reaches a fifth of the instances first. A new one that does not become healthy
  # (lifecycle.tf), or an alarm, puts the old template back.
  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = var.release.overlap ? 100 : 0
      max_healthy_percentage = var.release.overlap ? 110 : 100
      instance_warmup        = local.warmup_seconds
      auto_rollback          = true
      checkpoint_percentages = [20, 100]
      checkpoint_delay       = tostring(var.release.bake_minutes * 60)

      dynamic "alarm_specification" {
        for_each = length(var.release.alarms) == 0 ? {} : { alarms = var.release.alarms }
        content {
          alarms = alarm_specification.value
        }
      }
    }
  }

  # Of the group itself: what it starts has them from the template.
  dynamic "tag" {
    for_each = merge(data.aws_default_tags.this.tags, { Name = var.name })
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = false
    }
  }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this, aws_iam_role_policy_attachment.session_manager]
}
