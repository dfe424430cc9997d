output "endpoint" {
  description = "Where trackers send to, once the load balancer listens."
  value       = "${var.certificate_arn == null ? "http" : "https"}://${aws_lb.this.dns_name}"
  depends_on  = [aws_lb_listener.https, aws_lb_listener.plain]
}

output "launch_template_id" {
  description = "The launch template whose latest version the instances run."
  value       = module.instances.launch_template_id
}

output "autoscaling_group" {
  description = "Name of the Auto Scaling group."
  value       = module.instances.autoscaling_group
}

output "settings" {
  description = "The settings with their defaults: every key that there is, for the caller to compare with what was written."
  value       = var.settings
}
