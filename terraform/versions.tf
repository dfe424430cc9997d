terraform {
  required_version = "1.11.4"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # Bucket, key and lock come from environments/<environment>/backend.hcl.
  backend "s3" {}
}
