# What the programs print: counts, errors by name, no event. The CloudWatch agent of Amazon Linux cannot read systemd's
# journal, so the unit writes to a file, which the agent follows.
locals {
  log_group = "/snowveil/${var.name}"
  log_path  = "/var/log/snowveil/${var.program}.log"

  agent_config = {
    agent = { run_as_user = "root" }
    logs = {
      logs_collected = {
        files = {
          collect_list = [{
            file_path       = local.log_path
            log_group_name  = local.log_group
            log_stream_name = "{instance_id}"
          }]
        }
      }
    }
  }

  # The program keeps its file open: it is emptied, not replaced.
  rotation = <<-EOT
    ${local.log_path} {
      size 20M
      rotate 1
      copytruncate
      missingok
    }
  EOT

  log_group_arn = join(":", [
    "arn", data.aws_partition.this.partition, "logs", data.aws_region.this.id, var.platform.account_id, "log-group", local.log_group,
  ])
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:the log holds counts and errors, no events; how long is the environment's decision
  name              = local.log_group
  retention_in_days = var.platform.logs.retention_days
  kms_key_id        = var.platform.logs.kms_key_arn
}

data "aws_iam_policy_document" "ship_log" {
  for_each = var.bundle == null ? {} : { ship-log = "${local.log_group_arn}:*" }

  statement {
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = [each.value]
  }
}
