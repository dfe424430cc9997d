bucket       = "snowveil-terraform-state-111111111111"
key          = "dev/terraform.tfstate"
region       = "eu-west-1"
encrypt      = true
use_lockfile = true
