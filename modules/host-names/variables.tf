variable "names" {
  description = <<-EOT
    Host names of the collector, with the Route 53 zone of each: its own, and those of sites that it serves under their own domain, so
    that its cookie is a first party's. All are in one certificate, whose request shows them to the world (certificate transparency).
  EOT
  type        = map(string)

  validation {
    condition     = length(var.names) >= 1 && length(var.names) <= 10
    error_message = "names has 1 to 10 host names: ACM's default number for one certificate."
  }

  validation {
    condition     = alltrue([for name in keys(var.names) : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", name))])
    error_message = "Every key of names is a host name in lower case, without a wildcard and without a dot at the end."
  }
}

variable "load_balancer" {
  description = "What the names lead to: DNS name of the load balancer and the zone of that name."
  type        = object({ dns_name = string, zone_id = string })
}

variable "ipv6" {
  description = "Whether the load balancer answers by IPv6 too: AAAA records are made then."
  type        = bool
  default     = false
  nullable    = false
}
