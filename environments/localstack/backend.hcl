bucket         = "snowveil-terraform-state-000000000000"
key            = "localstack/terraform.tfstate"
region         = "eu-west-1"
use_lockfile   = true
use_path_style = true
