variable "stable_version" {
  description = <<-EOT
    Version that transforms what new_version_share leaves, such as "12", while the newest is tried. Null: the newest transforms all, as
    a stricter policy must. Both versions keep the promise by themselves: each pseudonymizes whatever its own policy does not allow.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.stable_version == null || can(regex("^[1-9][0-9]*$", var.stable_version))
    error_message = "stable_version is the number of a published version, never $LATEST: that would change what runs while it is being deployed."
  }
}

variable "new_version_share" {
  description = "Share of the batches that the newest version transforms while stable_version is given, 0 to 0.5."
  type        = number
  default     = 0.1
  nullable    = false

  validation {
    condition     = var.new_version_share >= 0 && var.new_version_share <= 0.5
    error_message = "new_version_share is 0 to 0.5: with more, the newest is not a trial."
  }
}

# Deliveries invoke the alias: a failed update never changes what transforms their records. While a stable version is named, the
# newest gets a share of the batches only, and `make watch` takes even that away when an alarm of the function is on.
# docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.this.function_name
  function_version = var.stable_version == null ? aws_lambda_function.this.version : var.stable_version

  dynamic "routing_config" {
    for_each = var.stable_version == null ? {} : { newest = var.new_version_share }
    content {
      additional_version_weights = { (aws_lambda_function.this.version) = routing_config.value }
    }
  }
}
