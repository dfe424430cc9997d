# Of terraform/access, which an administrator applies: who may plan, deploy and look at what.
environment  = "production"
account_id   = "333333333333" # replace by the account's own number
region       = "eu-west-1"
state_bucket = "snowveil-terraform-state-333333333333"

# Replace server and project. GitHub: issuer "https://token.actions.githubusercontent.com", audience "sts.amazonaws.com", subjects
# such as "repo:data/snowveil:environment:production".
pipelines = {
  gitlab = {
    issuer         = "https://gitlab.com"
    audience       = "https://gitlab.com"
    plan_subjects  = ["project_path:data/snowveil:ref_type:branch:ref:*"]
    apply_subjects = ["project_path:data/snowveil:ref_type:branch:ref:main"]
  }
}

# Roles of the identity provider. Different people for custodian and break_glass.
people = {
  analyst     = ["arn:aws:iam::333333333333:role/data-analysts"]
  break_glass = ["arn:aws:iam::333333333333:role/on-call"]
  custodian   = ["arn:aws:iam::333333333333:role/privacy"]
  operator    = ["arn:aws:iam::333333333333:role/on-call"]
}
