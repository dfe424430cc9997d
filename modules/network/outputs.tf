output "vpc_id" {
  description = "The VPC."
  value       = local.vpc_id
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer, one a zone. They can reach and be reached from the internet."
  value       = values(local.public_subnet_ids)
  depends_on  = [aws_route.internet, aws_route.internet_ipv6, aws_route_table_association.public, data.aws_subnet.existing, data.aws_route_table.existing]
}

output "private_subnet_ids" {
  description = "Subnets of the instances, one a zone."
  value       = values(local.private_subnet_ids)
  depends_on = [
    aws_route_table_association.private, aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface,
    data.aws_subnet.existing, data.aws_route_table.existing,
  ]
}

output "endpoints" {
  description = "Where HTTPS to AWS services goes: the interface endpoints' security group and the gateways' prefix lists by service."
  value = {
    security_group_id = var.existing == null ? aws_security_group.endpoints["vpc"].id : var.existing.endpoint_security_group_id
    prefix_list_ids = {
      for service in local.gateways : service => (
        var.existing == null ? aws_vpc_endpoint.gateway[service].prefix_list_id : data.aws_vpc_endpoint.existing[service].prefix_list_id
      )
    }
  }
}
