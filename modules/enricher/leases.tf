# How far each shard has been read. Losing it reads the stream again from its oldest record: duplicates, no loss.
resource "aws_dynamodb_table" "leases" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "leaseKey"
  deletion_protection_enabled = true

  attribute {
    name = "leaseKey"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.state_key_arn
  }

  point_in_time_recovery {
    enabled = true
  }
}
