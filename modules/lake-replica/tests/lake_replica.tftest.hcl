provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

provider "aws" {
  alias                       = "replica"
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name                 = "lake-replica"
  role_name            = "lake-replica"
  account_id           = "111111111111"
  source_bucket        = "lake"
  source_kms_key_arn   = "arn:aws:kms:eu-west-1:111111111111:key/lake"
  kms_key_arn          = "arn:aws:kms:eu-central-1:111111111111:key/replica"
  prefixes             = ["output/", "raw-bad/"]
  break_glass_role_arn = "arn:aws:iam::111111111111:role/break-glass"
}

run "good" {
  command = plan

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  assert {
    condition = {
      for rule in aws_s3_bucket_replication_configuration.this.rule : one(rule.filter).prefix => [
        one(one(rule.destination).encryption_configuration).replica_kms_key_id, one(rule.delete_marker_replication).status,
      ]
      } == {
      "output/"  = ["arn:aws:kms:eu-central-1:111111111111:key/replica", "Disabled"]
      "raw-bad/" = ["arn:aws:kms:eu-central-1:111111111111:key/replica", "Disabled"]
    }
    error_message = "Each prefix is copied under the other region's key, deletions are not."
  }

  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.this.policy).Statement : join(" ", flatten([s.Resource])) => toset(flatten([s.Action]))
      } == {
      "arn:aws:s3:::lake"                                      = toset(["s3:GetReplicationConfiguration", "s3:ListBucket"])
      "arn:aws:s3:::lake/raw-bad/* arn:aws:s3:::lake/output/*" = toset(["s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"])
      "arn:aws:s3:::lake-replica/*"                            = toset(["s3:ReplicateObject", "s3:ReplicateTags"])
      "arn:aws:kms:eu-west-1:111111111111:key/lake"            = toset(["kms:Decrypt"])
      "arn:aws:kms:eu-central-1:111111111111:key/replica"      = toset(["kms:Encrypt", "kms:GenerateDataKey"])
    }
    error_message = "The role copies the named prefixes, and deletes nothing."
  }
}

run "copies_originals" {
  command = plan

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  variables {
    prefixes = ["firehose-errors/"]
  }
  expect_failures = [var.prefixes]
}
