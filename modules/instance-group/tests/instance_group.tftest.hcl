provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = { environment = "dev" }
  }
}

variables {
  name       = "snowplow-collector"
  program    = "collector"
  config     = "{\"collector\":{\"port\":8080}}"
  bundle     = { bucket = "artifacts", key = "bundles/collector.tar.gz", version_id = "v1", sha256 = "abc123" }
  instances  = { type = "t4g.small", min = 2, max = 4 }
  health_url = "http://127.0.0.1:8080/health"
  policies   = {}
  platform = {
    account_id        = "111111111111"
    architecture      = "arm64"
    ami_id            = "ami-0123456789abcdef0"
    volume_key_arn    = "arn:aws:kms:eu-west-1:111111111111:key/volumes"
    artifacts_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/services"
    logs              = { kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs", retention_days = 30 }
    network = {
      vpc_id     = "vpc-1"
      subnet_ids = ["subnet-1", "subnet-2"]
      endpoints  = { security_group_id = "sg-endpoints", prefix_list_ids = { s3 = "pl-s3" } }
    }
  }
}

run "good" {
  command = plan

  assert {
    condition = alltrue([
      aws_launch_template.this.user_data == base64gzip(local.user_data),
      startswith(local.user_data, "#cloud-config\n"),
      toset(keys(yamldecode(local.user_data))) == toset(["runcmd", "write_files"]),
    ])
    error_message = "User data is a cloud-config with files and commands only."
  }

  assert {
    condition = contains(yamldecode(local.user_data).write_files, {
      path = "/etc/snowveil/collector.json", permissions = "0644", content = var.config
    })
    error_message = "The config is written as given."
  }

  assert {
    condition = yamldecode(local.user_data).runcmd == [
      ["dnf", "install", "-y", "python3.13"],
      ["mkdir", "-p", "/opt/snowveil/collector", "/var/log/snowveil"],
      [
        "aws", "s3api", "get-object", "--region", "eu-west-1", "--bucket", "artifacts",
        "--key", "bundles/collector.tar.gz", "--version-id", "v1", "/opt/snowveil/collector.tar.gz",
      ],
      [
        "sh", "-c",
        "echo 'abc123  /opt/snowveil/collector.tar.gz' | sha256sum -c && tar -xzf /opt/snowveil/collector.tar.gz -C /opt/snowveil/collector",
      ],
      ["systemctl", "enable", "--now", "snowveil-collector"],
      ["systemctl", "enable", "--now", "snowveil-collector-lifecycle"],
      ["dnf", "install", "-y", "amazon-cloudwatch-agent"],
      ["systemctl", "enable", "--now", "amazon-cloudwatch-agent"],
    ]
    error_message = "The exact bundle is fetched, and unpacked only when its checksum is right."
  }

  assert {
    condition = alltrue([
      one(aws_launch_template.this.metadata_options).http_tokens == "required",
      one(one(aws_launch_template.this.block_device_mappings).ebs).encrypted == "true",
      one(one(aws_launch_template.this.block_device_mappings).ebs).kms_key_id == var.platform.volume_key_arn,
      aws_launch_template.this.key_name == null,
    ])
    error_message = "IMDSv2 only, a volume under our key, no SSH key."
  }

  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.this["fetch-bundle"].policy).Statement : s.Resource => s.Action
      } == {
      "arn:aws:s3:::artifacts/bundles/collector.tar.gz" = "s3:GetObjectVersion"
      "arn:aws:kms:eu-west-1:111111111111:key/services" = "kms:Decrypt"
    }
    error_message = "Of the artifacts an instance reads its own bundle only."
  }

  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.this["ship-log"].policy).Statement : s.Resource => toset(s.Action)
      } == {
      "arn:aws:logs:eu-west-1:111111111111:log-group:/snowveil/snowplow-collector:*" = toset([
        "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents",
      ])
    }
    error_message = "An instance writes the log of its own program only."
  }

  assert {
    condition = length(setsubtract(
      [
        "CapabilityBoundingSet=", "DynamicUser=yes", "LimitCORE=0", "NoNewPrivileges=yes", "PrivateTmp=yes", "ProtectSystem=strict",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "SystemCallFilter=@system-service", "TimeoutStopSec=60",
      ],
      split("\n", local.files["/etc/systemd/system/snowveil-collector.service"]),
    )) == 0
    error_message = "The program runs in its sandbox, leaves no core dump, and has its time to drain."
  }

  assert {
    condition = alltrue([
      aws_autoscaling_lifecycle_hook.drain.lifecycle_transition == "autoscaling:EC2_INSTANCE_TERMINATING",
      aws_autoscaling_lifecycle_hook.drain.heartbeat_timeout > var.drain_seconds,
    ])
    error_message = "An instance ends later than its program may take to drain."
  }

  assert {
    condition = {
      for each in aws_launch_template.this.tag_specifications : each.resource_type => each.tags
      } == {
      for kind in ["instance", "network-interface", "volume"] : kind => tomap({ Name = "snowplow-collector", environment = "dev" })
    }
    error_message = "What a group starts has every tag of the environment."
  }

  assert {
    condition     = toset([for tag in aws_autoscaling_group.this.tag : tag.key]) == toset(["Name", "environment"])
    error_message = "The group itself has them too."
  }

  assert {
    condition     = aws_launch_template.this.image_id == "ami-0123456789abcdef0"
    error_message = "Every launch takes the image that was reviewed."
  }

  assert {
    condition = alltrue([
      aws_autoscaling_lifecycle_hook.healthy.lifecycle_transition == "autoscaling:EC2_INSTANCE_LAUNCHING",
      aws_autoscaling_lifecycle_hook.healthy.default_result == "ABANDON",
      strcontains(local.files["/etc/snowveil/lifecycle.sh"], "elif curl -sf -m 2 -o /dev/null http://127.0.0.1:8080/health; then"),
    ])
    error_message = "An instance whose program never answers does not join its group."
  }

  assert {
    condition = alltrue([
      aws_autoscaling_group.this.health_check_type == "EC2",
      strcontains(local.files["/etc/snowveil/lifecycle.sh"], "aws autoscaling set-instance-health --region eu-west-1 --instance-id \"$instance\" --health-status Unhealthy"),
    ])
    error_message = "Without a target group an instance says itself that its program is not well."
  }

  assert {
    condition = alltrue([
      for preferences in one(aws_autoscaling_group.this.instance_refresh).preferences : alltrue([
        preferences.auto_rollback,
        preferences.checkpoint_percentages == tolist([20, 100]),
        preferences.checkpoint_delay == "600",
        preferences.min_healthy_percentage == 100,
        preferences.max_healthy_percentage == 110,
      ])
    ])
    error_message = "A change reaches a fifth first, and a bad one undoes itself."
  }

  assert {
    condition     = contains(aws_autoscaling_group.this.enabled_metrics, "GroupInServiceInstances")
    error_message = "Alarms can count the instances."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.endpoints.referenced_security_group_id == "sg-endpoints"
    error_message = "Out goes HTTPS to AWS services only."
  }
}

run "behind_a_load_balancer" {
  command = plan
  variables {
    target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/x/1"]
    release           = { alarms = ["errors"], bake_minutes = 5 }
  }

  assert {
    condition = alltrue([
      aws_autoscaling_group.this.health_check_type == "ELB",
      aws_autoscaling_group.this.min_elb_capacity == 2,
      !strcontains(local.files["/etc/snowveil/lifecycle.sh"], "set-instance-health"),
    ])
    error_message = "The load balancer says which instance is well, and the first apply waits for it."
  }

  assert {
    condition = alltrue([
      for preferences in one(aws_autoscaling_group.this.instance_refresh).preferences :
      one(preferences.alarm_specification).alarms == tolist(["errors"]) && preferences.checkpoint_delay == "300"
    ])
    error_message = "An alarm puts the old template back."
  }
}

run "no_overlap" {
  command = plan
  variables {
    release = { overlap = false }
  }

  assert {
    condition = alltrue([
      for preferences in one(aws_autoscaling_group.this.instance_refresh).preferences :
      preferences.min_healthy_percentage == 0 && preferences.max_healthy_percentage == 100
    ])
    error_message = "The old instance ends before the new one starts."
  }
}

run "permissions_boundary" {
  command = plan
  variables {
    platform = merge(var.platform, { permissions_boundary_arn = "arn:aws:iam::111111111111:policy/boundary" })
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::111111111111:policy/boundary"
    error_message = "The role is under the account's boundary."
  }
}

run "ami_from_parameter" {
  command = plan
  variables {
    platform = merge(var.platform, { ami_id = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023" })
  }
  expect_failures = [var.platform]
}

run "health_url_of_another_host" {
  command = plan
  variables {
    health_url = "http://169.254.169.254/latest"
  }
  expect_failures = [var.health_url]
}

run "bake_time_over_the_limit" {
  command = plan
  variables {
    release = { bake_minutes = 10080 }
  }
  expect_failures = [var.release]
}

run "not_a_program" {
  command = plan
  variables {
    program = "collector; true"
  }
  expect_failures = [var.program]
}

run "config_not_json" {
  command = plan
  variables {
    config = "collector {"
  }
  expect_failures = [var.config]
}

run "no_instance" {
  command = plan
  variables {
    instances = { type = "t4g.small", min = 0, max = 1 }
  }
  expect_failures = [var.instances]
}

run "unknown_architecture" {
  command = plan
  variables {
    platform = {
      account_id        = "111111111111"
      architecture      = "aarch64"
      ami_id            = "ami-0123456789abcdef0"
      volume_key_arn    = "arn:aws:kms:eu-west-1:111111111111:key/volumes"
      artifacts_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/services"
      logs              = { kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs", retention_days = 30 }
      network = {
        vpc_id     = "vpc-1"
        subnet_ids = ["subnet-1"]
        endpoints  = { security_group_id = "sg-endpoints", prefix_list_ids = {} }
      }
    }
  }
  expect_failures = [var.platform]
}

run "drain_time_too_short" {
  command = plan
  variables {
    drain_seconds = 5
  }
  expect_failures = [var.drain_seconds]
}

run "user_data_too_large" {
  command = plan
  variables {
    # Digests do not compress.
    files = { "enrichments/javascript.json" = join("", [for i in range(500) : sha256(tostring(i))]) }
  }
  expect_failures = [aws_launch_template.this]
}

run "file_outside_the_directory" {
  command = plan
  variables {
    files = { "../passwd.json" = "{}" }
  }
  expect_failures = [var.files]
}

run "argument_with_shell_characters" {
  command = plan
  variables {
    arguments = ["$(reboot)"]
  }
  expect_failures = [var.arguments]
}

run "file_from_a_secret" {
  command = plan
  variables {
    secret_files = { "enrichments/pii_enrichment_config.json" = {
      arn         = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:pii-AbCdEf"
      kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/secrets"
    } }
  }

  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.this["read-secrets"].policy).Statement : s.Resource => s.Action
      } == {
      "arn:aws:secretsmanager:eu-west-1:111111111111:secret:pii-AbCdEf" = "secretsmanager:GetSecretValue"
      "arn:aws:kms:eu-west-1:111111111111:key/secrets"                  = "kms:Decrypt"
    }
    error_message = "The role reads this secret and no other."
  }

  assert {
    condition = alltrue([
      strcontains(local.files["/etc/systemd/system/snowveil-collector.service"], "\nExecStartPre=+/bin/sh /etc/snowveil/secrets.sh\n"),
      strcontains(local.files["/etc/snowveil/secrets.sh"], "--secret-id arn:aws:secretsmanager:eu-west-1:111111111111:secret:pii-AbCdEf "),
      startswith(local.files["/etc/snowveil/secrets.sh"], "set -eu\n"),
    ])
    error_message = "The program does not start without its secret file."
  }
}

run "secret_arn_with_shell_characters" {
  command = plan
  variables {
    secret_files = { "enrichments/x.json" = { arn = "$(reboot)", kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/secrets" } }
  }
  expect_failures = [var.secret_files]
}
