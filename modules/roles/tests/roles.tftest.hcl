provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  account_id = "111111111111"
  state = {
    bucket_arn  = "arn:aws:s3:::states"
    kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/state"
  }
  pipelines = {
    gitlab = {
      issuer         = "https://gitlab.example.com"
      audience       = "https://gitlab.example.com"
      plan_subjects  = ["project_path:data/snowveil:ref_type:branch:ref:*"]
      apply_subjects = ["project_path:data/snowveil:ref_type:branch:ref:main"]
    }
  }
  people = {
    break_glass = ["arn:aws:iam::222222222222:role/on-call"]
    custodian   = ["arn:aws:iam::222222222222:role/privacy"]
  }
}

run "good" {
  command = plan

  assert {
    condition = { for role, made in aws_iam_role.this : role => made.name } == {
      break_glass = "snowveil-break-glass"
      custodian   = "snowveil-key-custodian"
      deployer    = "snowveil-deployer"
      planner     = "snowveil-planner"
    }
    error_message = "Roles of people are made when somebody may take them."
  }

  assert {
    condition = alltrue([
      for role, subjects in {
        planner  = ["project_path:data/snowveil:ref_type:branch:ref:*", "project_path:data/snowveil:ref_type:branch:ref:main"]
        deployer = ["project_path:data/snowveil:ref_type:branch:ref:main"]
        } : alltrue([
          for statement in jsondecode(aws_iam_role.this[role].assume_role_policy).Statement : alltrue([
            statement.Action == "sts:AssumeRoleWithWebIdentity",
            statement.Condition.StringEquals["gitlab.example.com:aud"] == "https://gitlab.example.com",
            toset(flatten([statement.Condition.StringLike["gitlab.example.com:sub"]])) == toset(subjects),
          ])
      ])
    ])
    error_message = "Any branch plans, the main branch applies, no other project does either."
  }

  assert {
    condition = alltrue([
      for policy in aws_iam_policy.this : length(replace(policy.policy, "/\\s/", "")) <= 6144
    ])
    error_message = "A managed policy has at most 6,144 characters (docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."
  }
}

run "any_project_of_the_server" {
  command = plan
  variables {
    pipelines = { x = { issuer = "https://gitlab.com", audience = "x", plan_subjects = ["project_path:*"], apply_subjects = [] } }
  }
  expect_failures = [var.pipelines]
}

run "any_branch_applies" {
  command = plan
  variables {
    pipelines = { x = { issuer = "https://gitlab.com", audience = "x", plan_subjects = [], apply_subjects = ["project_path:data/snowveil:ref_type:branch:ref:*"] } }
  }
  expect_failures = [var.pipelines]
}

run "issuer_in_plain_http" {
  command = plan
  variables {
    pipelines = { x = { issuer = "http://gitlab.com", audience = "x", plan_subjects = [], apply_subjects = [] } }
  }
  expect_failures = [var.pipelines]
}

run "custodian_is_break_glass" {
  command = plan
  variables {
    people = { break_glass = ["arn:aws:iam::222222222222:role/x"], custodian = ["arn:aws:iam::222222222222:role/x"] }
  }
  expect_failures = [var.people]
}

run "unknown_role" {
  command = plan
  variables {
    people = { root = ["arn:aws:iam::222222222222:role/x"] }
  }
  expect_failures = [var.people]
}

run "name_prefix_inside_prefix" {
  command = plan
  variables {
    name_prefix = "snowplow-access"
  }
  expect_failures = [var.name_prefix]
}
