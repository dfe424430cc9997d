resource "aws_dynamodb_table" "leases" {
  deletion_protection_enabled = false
}
