provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name       = "snowplow-collector"
  program    = "collector"
  config     = "{\"collector\":{\"port\":8080}}"
  instances  = { type = "t4g.small", min = 2, max = 4 }
  health_url = "http://127.0.0.1:8080/health"
  policies   = {}
  container = {
    image  = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/scala-stream-collector-kinesis"
    digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
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

run "container_image" {
  command = plan

  assert {
    condition = yamldecode(local.user_data).runcmd == [
      ["dnf", "install", "-y", "docker"],
      ["mkdir", "-p", "/etc/snowveil/enrichments"],
      ["systemctl", "enable", "--now", "docker"],
      ["sh", "-c", join(" ", [
        "aws ecr get-login-password --region eu-west-1",
        "| docker login --username AWS --password-stdin 222222222222.dkr.ecr.eu-west-1.amazonaws.com",
        "&& docker pull --quiet ${var.container.image}@${var.container.digest}",
        "&& docker logout 222222222222.dkr.ecr.eu-west-1.amazonaws.com",
      ])],
      ["systemctl", "enable", "--now", "snowveil-collector"],
      ["systemctl", "enable", "--now", "snowveil-collector-lifecycle"],
    ]
    error_message = "Exactly the digest is pulled and run; nothing ships its log."
  }

  assert {
    condition = alltrue([
      for option in [
        "--cap-drop ALL", "--security-opt no-new-privileges", "--read-only", "--user 65532:65532", "--ulimit core=0",
        "--log-driver none", "LogNamespace=snowveil", "docker stop --time 60 ",
        "${var.container.image}@${var.container.digest} --config /etc/snowveil/collector.json\n",
      ] : strcontains(local.files["/etc/systemd/system/snowveil-collector.service"], option)
    ])
    error_message = "The container has no right it does not need, drains, and its output is kept apart."
  }

  assert {
    condition     = strcontains(local.files["/etc/systemd/journald@snowveil.conf"], "Storage=volatile")
    error_message = "What somebody else's program prints never reaches a disk."
  }

  assert {
    condition = {
      for name, policy in aws_iam_role_policy.this : name => {
        for s in jsondecode(policy.policy).Statement : s.Resource => toset(flatten([s.Action]))
      }
      } == {
      pull-image = {
        "*" = toset(["ecr:GetAuthorizationToken"])
        "arn:aws:ecr:eu-west-1:222222222222:repository/snowplow/scala-stream-collector-kinesis" = toset([
          "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
        ])
      }
      report-health = {
        "arn:aws:autoscaling:eu-west-1:111111111111:autoScalingGroup:*:autoScalingGroupName/snowplow-collector" = toset([
          "autoscaling:CompleteLifecycleAction", "autoscaling:SetInstanceHealth",
        ])
      }
    }
    error_message = "The role pulls one repository, fetches no bundle and writes no log."
  }
}

run "tag_instead_of_digest" {
  command = plan
  variables {
    container = { image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/snowplow/collector", digest = "3.4.0" }
  }
  expect_failures = [var.container]
}

run "registry_that_no_route_leads_to" {
  command = plan
  variables {
    container = {
      image  = "docker.io/snowplow/scala-stream-collector-kinesis"
      digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    }
  }
  expect_failures = [var.container]
}

run "two_programs" {
  command = plan
  variables {
    bundle = { bucket = "artifacts", key = "bundles/collector.tar.gz", version_id = "v1", sha256 = "abc123" }
  }
  expect_failures = [var.container]
}
