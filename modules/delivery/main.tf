locals {
  hour         = "!{timestamp:yyyy/MM/dd/HH/}"
  error_prefix = "${var.lake.error_prefix}${var.prefix}"

  processor_parameters = {
    LambdaArn               = var.transform_arn
    BufferSizeInMBs         = tostring(var.transform_buffer.size_mb)
    BufferIntervalInSeconds = tostring(var.transform_buffer.interval_seconds)
  }
  # The defaults of AWS, which the provider leaves out of what it reads: a parameter that equals one would be planned
  # as a change for ever, so it is left out here as well (note on processing_configuration in the documentation of
  # aws_kinesis_firehose_delivery_stream 5.100).
  processor_defaults = {
    NumberOfRetries         = "3"
    BufferSizeInMBs         = "1"
    BufferIntervalInSeconds = "60"
  }
}

# No source backup: it would be a second copy of every record in clear.
resource "aws_kinesis_firehose_delivery_stream" "this" {
  # checkov:skip=CKV_AWS_240:a delivery that reads from Kinesis is encrypted at the stream
  # checkov:skip=CKV_AWS_241:a delivery that reads from Kinesis is encrypted at the stream, with its CMK
  name        = var.name
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = var.source_stream.arn
    role_arn           = aws_iam_role.this.arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.this.arn
    bucket_arn          = var.lake.arn
    kms_key_arn         = var.lake.kms_key_arn
    prefix              = "${var.prefix}${local.hour}"
    error_output_prefix = "${local.error_prefix}!{firehose:error-output-type}/${local.hour}"
    buffering_size      = var.lake_buffer.size_mb
    buffering_interval  = var.lake_buffer.interval_seconds
    compression_format  = "GZIP"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.this.name
      log_stream_name = aws_cloudwatch_log_stream.this.name
    }

    processing_configuration {
      enabled = true

      processors {
        type = "Lambda"

        dynamic "parameters" {
          for_each = {
            for name, value in local.processor_parameters : name => value
            if value != lookup(local.processor_defaults, name, null)
          }
          content {
            parameter_name  = parameters.key
            parameter_value = parameters.value
          }
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:Firehose logs why a delivery failed, not what; how long is the environment's decision
  name              = "/aws/kinesisfirehose/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

resource "aws_cloudwatch_log_stream" "this" {
  name           = "DestinationDelivery"
  log_group_name = aws_cloudwatch_log_group.this.name
}
