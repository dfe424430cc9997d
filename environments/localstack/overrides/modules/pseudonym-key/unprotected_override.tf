resource "aws_secretsmanager_secret" "this" {
  recovery_window_in_days = 0

  lifecycle {
    prevent_destroy = false
  }
}
