# A bucket has one set of notifications, so the alarm and the loaders share it. Under the error prefix lie original
# records: its first object is an alarm.
resource "aws_s3_bucket_notification" "this" {
  bucket = module.bucket.name

  topic {
    id            = "errors"
    topic_arn     = var.alarm_topic_arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = var.error_prefix
  }

  dynamic "queue" {
    for_each = var.loader_queue_arns
    content {
      id            = "load-${trimsuffix(queue.key, "/")}"
      queue_arn     = queue.value
      events        = ["s3:ObjectCreated:*"]
      filter_prefix = queue.key
    }
  }
}
