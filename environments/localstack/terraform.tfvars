# The architecture is that of the machine: scripts/ pass it.
environment = "localstack"
account_id  = "000000000000"
region      = "eu-west-1"
ami_id      = "ami-00000000000000000" # an instance of LocalStack runs nothing

access = {
  break_glass_role_arn   = "arn:aws:iam::000000000000:role/snowveil-break-glass"
  key_custodian_role_arn = "arn:aws:iam::000000000000:role/snowveil-key-custodian"
  deployer_role_arn      = "arn:aws:iam::000000000000:role/snowveil-deployer"
}

network = {
  cidr = "10.10.0.0/16"
  zones = {
    eu-west-1a = { public_cidr = "10.10.0.0/24", private_cidr = "10.10.10.0/24" }
    eu-west-1b = { public_cidr = "10.10.1.0/24", private_cidr = "10.10.11.0/24" }
  }
}

streams = {
  shard_counts = { raw-good = 2, raw-bad = 1, enriched-good = 2, enriched-bad = 1 }
}

lake = {
  readers = {
    "output/"       = ["arn:aws:iam::000000000000:role/snowveil-analyst"]
    "enriched-bad/" = ["arn:aws:iam::000000000000:role/snowveil-operator"]
    "raw-bad/"      = ["arn:aws:iam::000000000000:role/snowveil-operator"]
  }
  # The stand-in for Snowpipe waits on it; scripts/rehearsal makes it before the environment.
  loader_queue_arns = {
    "output/"       = "arn:aws:sqs:eu-west-1:000000000000:snowpipe"
    "enriched-bad/" = "arn:aws:sqs:eu-west-1:000000000000:snowpipe"
    "raw-bad/"      = "arn:aws:sqs:eu-west-1:000000000000:snowpipe"
  }
}

# Nobody's user: the stand-in for Snowpipe reads the lake as the machine's user.
warehouse = {
  snowflake = { user_arn = "arn:aws:iam::222222222222:user/snowflake", external_id = "SNOWVEIL_SFCRole=1_localstack=" }
}

pseudonymizer = { reserved_concurrency = 10 }

collector = { instances = { type = "t4g.small", min = 1, max = 1 } }
# One reader of its own starts in a second; the fleet has its own test.
enricher = {
  instances = { type = "t4g.small", min = 1, max = 1 }
  settings  = { consumer = "polling" }
}

log_retention_days = 1
