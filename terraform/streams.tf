module "stream" {
  source   = "../modules/event-stream"
  for_each = toset(["raw-good", "raw-bad", "enriched-good", "enriched-bad"])

  name            = "${var.prefix}-${each.key}"
  kms_key_arn     = module.keys.arns["streams"]
  retention_hours = var.streams.retention_hours
  account_id      = var.account_id
  shard_count     = lookup(var.streams.shard_counts, each.key, null)
  schedule        = lookup(var.streams.schedules, each.key, {})
  timezone        = var.streams.timezone

  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arn          = module.alarms.topic_arn
}

# What the PII enrichment replaced: original values beside their replacements. Its own key has no reader: only a vault's
# relay, once there is one, may get that right. Until then nobody reads, and the alarm of this stream says so.
module "pii_stream" {
  source   = "../modules/event-stream"
  for_each = local.pii

  name            = "${var.prefix}-${each.key}"
  kms_key_arn     = module.keys.arns[each.key]
  retention_hours = var.streams.pii.retention_hours
  account_id      = var.account_id
  shard_count     = var.streams.pii.shard_count
  alarm_topic_arn = module.alarms.topic_arn
}
