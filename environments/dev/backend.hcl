# No `encrypt`: it would ask for S3's own key instead of the bucket's (terraform/bootstrap).
bucket       = "snowveil-terraform-state-111111111111"
key          = "dev/terraform.tfstate"
region       = "eu-west-1"
use_lockfile = true
