variable "schedule" {
  description = <<-EOT
    Shards by time of day, by a name that says when: a cron expression of EventBridge Scheduler, such as cron(0 7 * * ? *), and the
    shards from then on. Between its times a plan leaves the shards as they are. For a stream that exists: apply once without it.
  EOT
  type        = map(object({ cron = string, shard_count = number }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for step in var.schedule : can(regex("^cron\\([^)]+\\)$", step.cron)) && step.shard_count >= 1])
    error_message = "Every step of schedule has a cron(…) expression and at least one shard."
  }

  # docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
  validation {
    condition = length(var.schedule) == 0 || try(
      max(concat([for step in var.schedule : step.shard_count], [var.shard_count])...)
      <= 2 * min(concat([for step in var.schedule : step.shard_count], [var.shard_count])...), false
    )
    error_message = "schedule at most doubles and at least halves the shards, shard_count included: Kinesis refuses more in one step."
  }

  validation {
    condition     = length(var.schedule) <= 10
    error_message = "schedule has at most 10 steps: Kinesis changes the shards of a stream ten times a day."
  }
}

variable "timezone" {
  description = "Time zone of schedule, such as Europe/Amsterdam."
  type        = string
  default     = "UTC"
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Boundary of the permissions of the schedule's role. Null: none."
  type        = string
  default     = null
}

data "aws_partition" "this" {}
data "aws_region" "this" {}

# What the schedule has made of it: a plan at noon must not undo the morning's step.
data "aws_kinesis_stream" "scheduled" {
  for_each = length(var.schedule) == 0 ? {} : { (var.name) = true }

  name = each.key
}

locals {
  shards = length(var.schedule) == 0 ? var.shard_count : length(data.aws_kinesis_stream.scheduled[var.name].open_shards)

  stream_arn = "arn:${data.aws_partition.this.partition}:kinesis:${data.aws_region.this.id}:${var.account_id}:stream/${var.name}"
}

# docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
resource "aws_scheduler_schedule" "shards" {
  # checkov:skip=CKV_AWS_297:it holds the stream's name and a number
  for_each = var.schedule

  name                         = "${var.name}-${each.key}"
  schedule_expression          = each.value.cron
  schedule_expression_timezone = var.timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:${data.aws_partition.this.partition}:scheduler:::aws-sdk:kinesis:updateShardCount"
    role_arn = aws_iam_role.schedule[var.name].arn
    input = jsonencode({
      StreamName       = var.name
      TargetShardCount = each.value.shard_count
      ScalingType      = "UNIFORM_SCALING"
    })
  }
}

resource "aws_iam_role" "schedule" {
  for_each = data.aws_kinesis_stream.scheduled

  name                 = "${each.key}-schedule"
  assume_role_policy   = data.aws_iam_policy_document.schedule_trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "schedule" {
  for_each = aws_iam_role.schedule

  name   = "set-shards"
  role   = each.value.id
  policy = data.aws_iam_policy_document.schedule.json
}

data "aws_iam_policy_document" "schedule_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "schedule" {
  statement {
    actions   = ["kinesis:UpdateShardCount"]
    resources = [local.stream_arn]
  }
}
