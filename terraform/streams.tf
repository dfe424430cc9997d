module "stream" {
  source   = "../modules/event-stream"
  for_each = toset(["raw-good", "raw-bad", "enriched-good", "enriched-bad"])

  name            = "${var.prefix}-${each.key}"
  kms_key_arn     = module.keys.arns["streams"]
  retention_hours = var.streams.retention_hours
  shard_count     = lookup(var.streams.shard_counts, each.key, null)
  alarm_topic_arn = module.alarms.topic_arn
}
