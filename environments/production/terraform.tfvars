environment  = "production"
account_id   = "333333333333" # replace by the account's own number
region       = "eu-west-1"
architecture = "arm64"
ami_id       = "ami-00000000000000000" # replace: `make ami ENV=production` shows the newest

access = {
  break_glass_role_arn   = "arn:aws:iam::333333333333:role/snowveil-break-glass"
  key_custodian_role_arn = "arn:aws:iam::333333333333:role/snowveil-key-custodian"
  deployer_role_arn      = "arn:aws:iam::333333333333:role/snowveil-deployer"
}

network = {
  cidr = "10.40.0.0/16"
  zones = {
    eu-west-1a = { public_cidr = "10.40.0.0/24", private_cidr = "10.40.10.0/24" }
    eu-west-1b = { public_cidr = "10.40.1.0/24", private_cidr = "10.40.11.0/24" }
    eu-west-1c = { public_cidr = "10.40.2.0/24", private_cidr = "10.40.12.0/24" }
  }
}

streams = {
  shard_counts = { raw-good = 4, raw-bad = 1, enriched-good = 4, enriched-bad = 1 }
}

# Who reads delivered events, pseudonymized, and events that failed: nobody else can, whatever IAM allows.
lake = {
  readers = {
    "output/"       = ["arn:aws:iam::333333333333:role/snowveil-analyst"]
    "enriched-bad/" = ["arn:aws:iam::333333333333:role/snowveil-operator"]
    "raw-bad/"      = ["arn:aws:iam::333333333333:role/snowveil-operator"]
  }
}

# Above the shards that deliver at once, so that a busy neighbour in the account cannot throttle a transform.
pseudonymizer = { reserved_concurrency = 20 }

collector = {
  instances       = { type = "t4g.medium", min = 3, max = 12 }
  certificate_arn = "arn:aws:acm:eu-west-1:333333333333:certificate/00000000-0000-0000-0000-000000000000" # replace
}

# No more than shards: an instance without one idles.
enricher = { instances = { type = "t4g.medium", min = 2, max = 4 } }

# Long enough to look back at an incident that is noticed late.
log_retention_days = 365
