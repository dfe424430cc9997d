data "aws_region" "this" {}

locals {
  port = 8080

  # JSON is HOCON, and an absent key is how Snowplow says "the default" (settings.tf).
  settings = {
    for section, value in {
      cookie                = { for key, value in var.settings.cookie : key => value if value != null }
      doNotTrackCookie      = var.settings.doNotTrackCookie
      cookieBounce          = var.settings.cookieBounce
      cors                  = var.settings.cors
      crossDomain           = var.settings.crossDomain
      hsts                  = var.settings.hsts
      enableDefaultRedirect = var.settings.enableDefaultRedirect
      redirectDomains       = var.settings.redirectDomains
      rootResponse          = var.settings.rootResponse
      paths                 = var.settings.paths
      networking            = { for key, value in var.settings.networking : key => value if value != null }
      preTerminationPeriod  = var.settings.preTerminationPeriod
    } : section => value if value != null
  }

  own_settings = {
    for key, value in {
      workers = var.settings.workers
      durable = var.settings.durable
      metrics = var.settings.metrics
      # The unit's StateDirectory (modules/instance-group), on the encrypted volume.
      spill = { directory = "/var/lib/snowveil-collector/spill", maxBytes = var.settings.spill.maxBytes }
    } : key => value if value != null && var.engine == "snowveil"
  }

  config = {
    collector = merge(local.settings, var.engine == "snowplow" ? local.snowplow_only : {}, local.own_settings, {
      interface = "0.0.0.0"
      port      = local.port
      streams = {
        for kind in ["good", "bad"] : kind => {
          name     = var.streams[kind].name
          region   = data.aws_region.this.id
          maxBytes = 1000000
          buffer   = var.settings.buffer
        }
      }
    })
  }
}

module "instances" {
  source = "../instance-group"

  name              = var.name
  program           = "collector"
  config            = jsonencode(local.config)
  bundle            = var.engine == "snowveil" ? var.bundle : null
  container         = local.container
  instances         = var.instances
  platform          = var.platform
  target_group_arns = [aws_lb_target_group.this.arn]
  health_url        = "http://127.0.0.1:${local.port}/health"
  release = {
    alarms       = var.release.watch_alarms ? [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name] : []
    bake_minutes = var.release.bake_minutes
  }
  policies = { write-streams = data.aws_iam_policy_document.write_streams.json }
}

data "aws_iam_policy_document" "write_streams" {
  statement {
    # Theirs looks at the stream itself before it starts.
    actions   = concat(["kinesis:DescribeStreamSummary", "kinesis:PutRecords"], var.engine == "snowplow" ? ["kinesis:DescribeStream"] : [])
    resources = [var.streams.good.arn, var.streams.bad.arn]
  }

  statement {
    actions   = ["kms:GenerateDataKey"]
    resources = [var.streams.kms_key_arn]
  }
}
