output "certificate_arn" {
  description = "The certificate, once it is valid: before that no listener can use it."
  value       = aws_acm_certificate_validation.this.certificate_arn
}

output "names" {
  description = "The host names that lead to the load balancer."
  value       = local.sorted
}
