# Created empty: the value is set out of band, so that it is never in the state, a plan or a log.
resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV2_AWS_57:a rotation makes every pseudonym a new one: it is a decision of the custodian, not of a calendar
  name                    = var.name
  description             = "Ring of keys of the pseudonyms: {\"ring\": [{\"key_id\": text, \"key\": base64 of at least 32 bytes}]}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days

  lifecycle {
    prevent_destroy = true
  }
}
