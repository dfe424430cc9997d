output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer, one a zone. They can reach and be reached from the internet."
  value       = [for subnet in aws_subnet.public : subnet.id]
  depends_on  = [aws_route.internet, aws_route_table_association.public]
}

output "private_subnet_ids" {
  description = "Subnets of the instances, one a zone."
  value       = [for subnet in aws_subnet.private : subnet.id]
  depends_on  = [aws_route_table_association.private, aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface]
}

output "endpoints" {
  description = "Where HTTPS to AWS services goes: the interface endpoints' security group and the gateways' prefix lists by service."
  value = {
    security_group_id = aws_security_group.endpoints.id
    prefix_list_ids   = { for service, endpoint in aws_vpc_endpoint.gateway : service => endpoint.prefix_list_id }
  }
}
