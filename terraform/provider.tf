provider "aws" {
  region = var.region
  # A plan made with the credentials of another environment's account stops here.
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = merge(var.tags, {
      application = "snowveil"
      environment = var.environment
    })
  }
}

# For the lake's copy in a second region; without one, nothing uses it.
provider "aws" {
  alias               = "replica"
  region              = coalesce(var.lake.replica_region, var.region)
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = merge(var.tags, {
      application = "snowveil"
      environment = var.environment
    })
  }
}
