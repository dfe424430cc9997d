variable "name" {
  description = "Name of the web ACL and first part of its metrics."
  type        = string
}

variable "requests_per_address" {
  description = <<-EOT
    Requests of one address in five minutes before it is blocked until it sends fewer: events that are blocked are lost. Offices and
    mobile networks share addresses: a tracker sends some 10 a minute for each visitor.
  EOT
  type        = number
  default     = 10000
  nullable    = false

  validation {
    condition     = var.requests_per_address >= 100 && var.requests_per_address <= 2000000000
    error_message = "requests_per_address is 100 to 2000000000: less would block a single busy office."
  }
}

variable "body_digits" {
  description = "Digits that the size of a body in bytes may have: 7 lets up to 9,999,999 bytes through. The collector refuses more than 2 MB by default."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.body_digits >= 7 && var.body_digits <= 8
    error_message = "body_digits is 7 or 8: with 6, a batch of a megabyte would be lost."
  }
}
