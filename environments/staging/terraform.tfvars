environment  = "staging"
account_id   = "222222222222" # replace by the account's own number
region       = "eu-west-1"
architecture = "arm64"
ami_id       = "ami-00000000000000000" # replace: `make ami ENV=staging` shows the newest

access = {
  break_glass_role_arn   = "arn:aws:iam::222222222222:role/snowveil-break-glass"
  key_custodian_role_arn = "arn:aws:iam::222222222222:role/snowveil-key-custodian"
  deployer_role_arn      = "arn:aws:iam::222222222222:role/snowveil-deployer"
}

network = {
  cidr = "10.30.0.0/16"
  zones = {
    eu-west-1a = { public_cidr = "10.30.0.0/24", private_cidr = "10.30.10.0/24" }
    eu-west-1b = { public_cidr = "10.30.1.0/24", private_cidr = "10.30.11.0/24" }
  }
}

# As many as in production, so that what is tried here meets the same order of events and the same limits.
streams = {
  shard_counts = { raw-good = 4, raw-bad = 1, enriched-good = 4, enriched-bad = 1 }
}

# Nobody reads what staging delivers after a month.
lake = {
  expiry_days = { "output/" = 30, "enriched-bad/" = 30, "raw-bad/" = 30 }
  readers = {
    "output/"       = ["arn:aws:iam::222222222222:role/snowveil-analyst"]
    "enriched-bad/" = ["arn:aws:iam::222222222222:role/snowveil-operator"]
    "raw-bad/"      = ["arn:aws:iam::222222222222:role/snowveil-operator"]
  }
}

# Above the shards that deliver at once, so that a busy neighbour in the account cannot throttle a transform.
pseudonymizer = { reserved_concurrency = 10 }

collector = {
  instances       = { type = "t4g.small", min = 2, max = 4 }
  certificate_arn = "arn:aws:acm:eu-west-1:222222222222:certificate/00000000-0000-0000-0000-000000000000" # replace
}

enricher = { instances = { type = "t4g.small", min = 2, max = 4 } }

log_retention_days = 30
