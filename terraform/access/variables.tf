variable "environment" {
  description = "Name of the environment."
  type        = string
}

variable "region" {
  description = "Region of the environment."
  type        = string
}

variable "state_bucket" {
  description = "Bucket of the states, as in backend.hcl."
  type        = string
}

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
}
