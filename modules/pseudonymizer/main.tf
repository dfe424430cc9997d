resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_115:reserved_concurrency is the environment's stated decision
  # checkov:skip=CKV_AWS_116:Firehose invokes synchronously: what fails goes to its error prefix, a dead-letter queue stays empty
  # checkov:skip=CKV_AWS_117:the transform calls Secrets Manager, S3 and nothing else; a VPC would only add ways to fail
  # checkov:skip=CKV_AWS_272:the package is pinned by its hash in the plan that is reviewed
  function_name                  = var.name
  description                    = "Pseudonymizes the records of delivery ${var.delivery}"
  role                           = aws_iam_role.this.arn
  runtime                        = "python3.13"
  handler                        = "lambda_src.pseudonymizer.handler.handle"
  architectures                  = [var.architecture]
  filename                       = var.package.path
  source_code_hash               = var.package.base64sha256
  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency
  kms_key_arn                    = var.environment_key_arn
  publish                        = true

  environment {
    variables = merge({
      DELIVERY               = var.delivery
      KEY_SECRET_ARN         = var.key_secret.arn
      QUARANTINE_BUCKET      = var.quarantine.bucket
      QUARANTINE_KMS_KEY_ARN = var.quarantine.kms_key_arn
    }, length(var.key_checks) == 0 ? {} : { KEY_CHECKS = join(",", var.key_checks) })
  }

  # Lambda's own segments hold times and ARNs; the code adds none, so no value of an event reaches a trace.
  tracing_config {
    mode = "Active"
  }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:the log holds counts, no events; how long is the environment's decision
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}
