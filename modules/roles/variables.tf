variable "account_id" {
  description = "The environment's account, 12 digits."
  type        = string
}

variable "prefix" {
  description = "First part of the names of what the environment makes, as in its own `prefix`: roles act on nothing else."
  type        = string
  default     = "snowplow"
  nullable    = false
}

variable "name_prefix" {
  description = "First part of these roles' own names. It is none of prefix: a deployer may change the environment's roles, not these."
  type        = string
  default     = "snowveil"
  nullable    = false

  validation {
    condition     = !startswith(var.name_prefix, "${var.prefix}-") && var.name_prefix != var.prefix
    error_message = "name_prefix does not begin with prefix: the deployer could change its own role."
  }
}

variable "state" {
  description = "Bucket of the Terraform states and its key, as terraform/bootstrap made them."
  type        = object({ bucket_arn = string, kms_key_arn = string })
}

variable "pipelines" {
  description = <<-EOT
    CI servers by a name, such as gitlab: issuer (https:// and host, of any GitLab, or GitHub's), audience of its tokens, and which
    subjects may plan and which may also apply. GitLab: project_path:group/project:ref_type:branch:ref:main. GitHub:
    repo:owner/name:environment:production. A * stands for any text.
  EOT
  type = map(object({
    issuer         = string
    audience       = string
    plan_subjects  = list(string)
    apply_subjects = list(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for pipeline in var.pipelines : can(regex("^https://[a-z0-9.-]+(/[A-Za-z0-9/_-]+)?$", pipeline.issuer))])
    error_message = "pipelines.issuer is https:// and a host, as the server's tokens name it, without a slash at the end."
  }

  validation {
    condition = alltrue([
      for pipeline in var.pipelines : alltrue([
        for subject in concat(pipeline.plan_subjects, pipeline.apply_subjects) :
        can(regex("^(project_path|repo):[A-Za-z0-9_.-]+/[A-Za-z0-9_./-]+:", subject))
      ])
    ])
    error_message = "Every subject names one project before its first *: a pipeline of any other project on that server could take the role."
  }

  validation {
    condition     = alltrue([for pipeline in var.pipelines : alltrue([for subject in pipeline.apply_subjects : !strcontains(subject, "*")])])
    error_message = "apply_subjects has no *: only the protected branch or environment applies."
  }
}

variable "administrators" {
  description = "Roles of people that may plan and apply by hand, such as for the first apply."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "people" {
  description = "Who may become custodian, break_glass, operator and analyst: roles of the identity provider, by role. One not named is not made."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.people), ["analyst", "break_glass", "custodian", "operator"])) == 0
    error_message = "people names analyst, break_glass, custodian and operator only."
  }

  validation {
    condition     = alltrue([for arn in flatten(values(var.people)) : can(regex("^arn:[a-z-]+:iam::\\d{12}:role/[^*?]+$", arn))])
    error_message = "people has ARNs of roles, without a wildcard."
  }

  validation {
    condition     = length(setintersection(lookup(var.people, "custodian", []), lookup(var.people, "break_glass", []))) == 0
    error_message = "Nobody may become both custodian and break_glass: who reads originals must not also set the key of the pseudonyms."
  }
}
