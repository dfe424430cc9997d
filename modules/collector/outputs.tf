output "endpoint" {
  description = "Where trackers send to, once the load balancer listens."
  value       = "${local.https ? "https" : "http"}://${aws_lb.this.dns_name}"
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

output "load_balancer" {
  description = "DNS name of the load balancer and the zone of that name, for aliases."
  value       = { dns_name = aws_lb.this.dns_name, zone_id = aws_lb.this.zone_id }
}
