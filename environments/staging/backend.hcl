# No `encrypt`: it would ask for S3's own key instead of the bucket's (terraform/bootstrap).
bucket       = "snowveil-terraform-state-222222222222"
key          = "staging/terraform.tfstate"
region       = "eu-west-1"
use_lockfile = true
