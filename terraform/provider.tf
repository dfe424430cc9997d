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
