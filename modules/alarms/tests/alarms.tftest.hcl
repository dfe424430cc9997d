provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name        = "snowplow-alarms"
  account_id  = "111111111111"
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/alarms"
  emails      = ["on-call@example.com"]
}

run "good" {
  command = plan

  assert {
    condition = jsondecode(output.policy).Statement == [{
      Sid       = "AlarmsAndBucketsOfThisAccount"
      Effect    = "Allow"
      Action    = "sns:Publish"
      Resource  = "arn:aws:sns:eu-west-1:111111111111:snowplow-alarms"
      Principal = { Service = ["s3.amazonaws.com", "cloudwatch.amazonaws.com"] }
      Condition = { StringEquals = { "aws:SourceAccount" = "111111111111" } }
    }]
    error_message = "Only alarms and buckets of this account send."
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.kms_key_arn
    error_message = "Messages are encrypted with the given key."
  }
}

run "aws_managed_key" {
  command = plan
  variables {
    kms_key_arn = "alias/aws/sns"
  }
  expect_failures = [var.kms_key_arn]
}

run "invalid_email_address" {
  command = plan
  variables {
    emails = ["on-call"]
  }
  expect_failures = [var.emails]
}
