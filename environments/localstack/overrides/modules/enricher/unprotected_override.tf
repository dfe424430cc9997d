resource "aws_dynamodb_table" "leases" {
  deletion_protection_enabled = false
}

resource "aws_dynamodb_table" "coordinator" {
  deletion_protection_enabled = false
}

resource "aws_dynamodb_table" "worker_metrics" {
  deletion_protection_enabled = false
}
