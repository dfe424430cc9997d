# The Kinesis Client Library's three tables, by its names and key schemas: it would make them itself, without our key, and
# its role does not let it. They are declared whoever consumes, so that a change of the consumer is not a change of tables.
locals {
  tables = {
    leases         = { name = var.name, key = "leaseKey" }
    coordinator    = { name = "${var.name}-CoordinatorState", key = "key" }
    worker_metrics = { name = "${var.name}-WorkerMetricStats", key = "wid" }
  }
}

# How far each shard has been read. Losing it reads the stream again from its oldest record: duplicates, no loss.
resource "aws_dynamodb_table" "leases" {
  name                        = local.tables.leases.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = local.tables.leases.key
  deletion_protection_enabled = true

  attribute {
    name = "leaseKey"
    type = "S"
  }

  attribute {
    name = "leaseOwner"
    type = "S"
  }

  global_secondary_index {
    name            = "LeaseOwnerToLeaseKeyIndex"
    hash_key        = "leaseOwner"
    range_key       = "leaseKey"
    projection_type = "KEYS_ONLY"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.state_key_arn
  }

  point_in_time_recovery {
    enabled = true
  }
}

# What the instances have agreed on.
resource "aws_dynamodb_table" "coordinator" {
  #checkov:skip=CKV_AWS_28:holds nothing but the item below, which an apply writes again
  name                        = local.tables.coordinator.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = local.tables.coordinator.key
  deletion_protection_enabled = true

  attribute {
    name = "key"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.state_key_arn
  }
}

# The library's 2x mode, for good: in its 3x mode the loss of the leading instance stops all of them for two minutes, and
# without this item it would go over to it by itself (docs/adr/0022-fleet.md).
resource "aws_dynamodb_table_item" "mode" {
  table_name = aws_dynamodb_table.coordinator.name
  hash_key   = aws_dynamodb_table.coordinator.hash_key

  item = jsonencode({
    key = { S = "Migration3.0" }
    cv  = { S = "CLIENT_VERSION_2X" }
    mb  = { S = "terraform" }
    mts = { N = "0" }
  })
}

# Empty in the 2x mode. Were it missing, an instance that finds itself in the 3x mode would not start.
resource "aws_dynamodb_table" "worker_metrics" {
  #checkov:skip=CKV_AWS_28:numbers of the last minutes, written again by whoever runs
  name                        = local.tables.worker_metrics.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = local.tables.worker_metrics.key
  deletion_protection_enabled = true

  attribute {
    name = "wid"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.state_key_arn
  }
}
