variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the bundles."
  type        = string
}

variable "access_log_bucket" {
  description = "Bucket that receives the access log."
  type        = string
}

variable "bundles" {
  description = "Path of each program's bundle on the machine that applies, by program. A bundle ends in .tar.gz."
  type        = map(string)

  validation {
    condition     = alltrue([for path in var.bundles : endswith(path, ".tar.gz")])
    error_message = "A bundle is a .tar.gz: instances unpack it with tar."
  }
}
