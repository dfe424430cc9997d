environment  = "dev"
account_id   = "111111111111" # replace by the account's own number
region       = "eu-west-1"
architecture = "arm64"
ami_id       = "ami-00000000000000000" # replace: `make ami ENV=dev` shows the newest

access = {
  break_glass_role_arn   = "arn:aws:iam::111111111111:role/snowveil-break-glass"
  key_custodian_role_arn = "arn:aws:iam::111111111111:role/snowveil-key-custodian"
  deployer_role_arn      = "arn:aws:iam::111111111111:role/snowveil-deployer"
}

network = {
  cidr = "10.20.0.0/16"
  zones = {
    eu-west-1a = { public_cidr = "10.20.0.0/24", private_cidr = "10.20.10.0/24" }
    eu-west-1b = { public_cidr = "10.20.1.0/24", private_cidr = "10.20.11.0/24" }
  }
}

streams = {
  shard_counts = { raw-good = 2, raw-bad = 1, enriched-good = 2, enriched-bad = 1 }
}

lake = {
  readers = {
    "output/"       = ["arn:aws:iam::111111111111:role/snowveil-analyst"]
    "enriched-bad/" = ["arn:aws:iam::111111111111:role/snowveil-operator"]
    "raw-bad/"      = ["arn:aws:iam::111111111111:role/snowveil-operator"]
  }
}

# Above the shards that deliver at once, so that a busy neighbour in the account cannot throttle a transform.
pseudonymizer = { reserved_concurrency = 10 }

collector = { instances = { type = "t4g.small", min = 2, max = 4 } }
enricher  = { instances = { type = "t4g.small", min = 1, max = 2 } }

log_retention_days = 30
