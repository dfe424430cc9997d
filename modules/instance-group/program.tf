variable "program" {
  description = "The program the instances run: the package services.<program> of the bundle."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]*$", var.program))
    error_message = "program is the name of a Python package under services/."
  }
}

variable "packages" {
  description = "Packages of Amazon Linux that a bundle needs beside Python."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "config" {
  description = "Content of /etc/snowveil/<program>.json. It is readable in the launch template: no secret in it."
  type        = string

  validation {
    condition     = can(jsondecode(var.config))
    error_message = "config is JSON."
  }
}

variable "files" {
  description = "Further files beside the config, by their path below /etc/snowveil/. As readable as the config."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for path in keys(var.files) : can(regex("^([a-z0-9_]+/)?[a-z0-9_]+\\.json$", path))])
    error_message = "files are named such as iglu.json or enrichments/anon_ip.json."
  }
}

variable "secret_files" {
  description = "Files that user data must not hold, by their path below /etc/snowveil/: read from a secret at each start of the program."
  type        = map(object({ arn = string, kms_key_arn = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for path in keys(var.secret_files) : can(regex("^([a-z0-9_]+/)?[a-z0-9_]+\\.json$", path))])
    error_message = "secret_files are named such as enrichments/pii_enrichment_config.json."
  }

  validation {
    condition     = alltrue([for secret in var.secret_files : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\\d{12}:secret:[A-Za-z0-9/_+=.@-]+$", secret.arn))])
    error_message = "secret_files names each secret by its whole ARN."
  }
}

variable "arguments" {
  description = "Arguments of the program beside --config."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for argument in var.arguments : can(regex("^[A-Za-z0-9/._-]+$", argument))])
    error_message = "arguments have no character that a unit file or a shell reads as more than itself."
  }
}

variable "bundle" {
  description = "The exact bundle to run: bucket, key, version and SHA-256 in hex. Null with a container."
  type = object({
    bucket     = string
    key        = string
    version_id = string
    sha256     = string
  })
  default = null
}

variable "container" {
  description = "The exact image to run instead of a bundle: an ECR repository of this region, and the digest."
  type = object({
    image  = string
    digest = string
  })
  default = null

  validation {
    condition     = (var.container == null) != (var.bundle == null)
    error_message = "Either a bundle or a container: an instance runs one program."
  }

  validation {
    condition     = var.container == null || can(regex("^sha256:[0-9a-f]{64}$", var.container.digest))
    error_message = "container.digest is sha256: and 64 hexadecimal digits. A tag can be moved, a digest cannot."
  }

  validation {
    condition     = var.container == null || can(regex(local.registry_form, var.container.image))
    error_message = "container.image is a repository in ECR without a tag: the private subnets reach no other registry."
  }
}
