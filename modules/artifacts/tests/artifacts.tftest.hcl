provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name              = "snowplow-artifacts"
  kms_key_arn       = "arn:aws:kms:eu-west-1:111111111111:key/services"
  access_log_bucket = "logs"
  bundles           = { collector = "./tests/bundle.tar.gz" }
}

run "good" {
  command = plan

  assert {
    condition     = output.bundles["collector"].sha256 == filesha256("./tests/bundle.tar.gz")
    error_message = "An instance is given the checksum of what was uploaded."
  }

  assert {
    condition     = output.bundles["collector"].key == "bundles/collector.tar.gz"
    error_message = "A bundle keeps its key: versions, not names, tell builds apart."
  }
}

run "not_a_bundle" {
  command = plan
  variables {
    bundles = { collector = "./main.tf" }
  }
  expect_failures = [var.bundles]
}
