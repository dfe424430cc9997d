provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name         = "snowplow"
  account_id   = "111111111111"
  logs_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
  existing = {
    vpc_id                     = "vpc-1"
    public_subnet_ids          = { eu-west-1a = "subnet-1", eu-west-1b = "subnet-2" }
    private_subnet_ids         = { eu-west-1a = "subnet-3", eu-west-1b = "subnet-4" }
    endpoint_security_group_id = "sg-1"
  }
}

override_data {
  target = data.aws_vpc.existing
  values = { id = "vpc-1", enable_dns_support = true, enable_dns_hostnames = true }
}

override_data {
  target = data.aws_subnet.existing["public-eu-west-1a"]
  values = { id = "subnet-1", vpc_id = "vpc-1", availability_zone = "eu-west-1a", map_public_ip_on_launch = false }
}

override_data {
  target = data.aws_route_table.existing["public-eu-west-1a"]
  values = { routes = [{ gateway_id = "igw-1" }] }
}

override_data {
  target = data.aws_subnet.existing["public-eu-west-1b"]
  values = { id = "subnet-2", vpc_id = "vpc-1", availability_zone = "eu-west-1b", map_public_ip_on_launch = false }
}

override_data {
  target = data.aws_route_table.existing["public-eu-west-1b"]
  values = { routes = [{ gateway_id = "igw-1" }] }
}

override_data {
  target = data.aws_subnet.existing["private-eu-west-1a"]
  values = { id = "subnet-3", vpc_id = "vpc-1", availability_zone = "eu-west-1a", map_public_ip_on_launch = false }
}

override_data {
  target = data.aws_route_table.existing["private-eu-west-1a"]
  values = { routes = [{ gateway_id = "" }] }
}

override_data {
  target = data.aws_subnet.existing["private-eu-west-1b"]
  values = { id = "subnet-4", vpc_id = "vpc-1", availability_zone = "eu-west-1b", map_public_ip_on_launch = false }
}

override_data {
  target = data.aws_route_table.existing["private-eu-west-1b"]
  values = { routes = [{ gateway_id = "" }] }
}

override_data {
  target = data.aws_vpc_endpoint.existing
  values = { security_group_ids = ["sg-1"], prefix_list_id = "pl-1" }
}

run "existing_vpc" {
  command = plan

  assert {
    condition = sum([
      length(aws_vpc.this), length(aws_subnet.public), length(aws_subnet.private), length(aws_internet_gateway.this),
      length(aws_route_table.private), length(aws_vpc_endpoint.interface), length(aws_vpc_endpoint.gateway),
      length(aws_security_group.endpoints), length(aws_default_security_group.closed),
    ]) == 0
    error_message = "Nothing of the network is made, and nothing of it is taken over."
  }

  assert {
    condition = [output.vpc_id, output.public_subnet_ids, output.private_subnet_ids, output.endpoints] == [
      "vpc-1", tolist(["subnet-1", "subnet-2"]), tolist(["subnet-3", "subnet-4"]),
      { security_group_id = "sg-1", prefix_list_ids = { dynamodb = "pl-1", s3 = "pl-1" } },
    ]
    error_message = "The outputs are those of the given network."
  }

  assert {
    condition     = { for zone, log in aws_flow_log.private : zone => log.subnet_id } == { eu-west-1a = "subnet-3", eu-west-1b = "subnet-4" }
    error_message = "Flows of the private subnets are logged here too."
  }
}

run "no_names_for_endpoints" {
  command = plan
  override_data {
    target = data.aws_vpc.existing
    values = { id = "vpc-1", enable_dns_support = true, enable_dns_hostnames = false }
  }
  expect_failures = [data.aws_vpc.existing]
}

run "subnet_of_another_vpc" {
  command = plan
  override_data {
    target = data.aws_subnet.existing["private-eu-west-1a"]
    values = { id = "subnet-3", vpc_id = "vpc-2", availability_zone = "eu-west-1a", map_public_ip_on_launch = false }
  }
  expect_failures = [data.aws_subnet.existing]
}

run "instances_with_public_addresses" {
  command = plan
  override_data {
    target = data.aws_subnet.existing["private-eu-west-1a"]
    values = { id = "subnet-3", vpc_id = "vpc-1", availability_zone = "eu-west-1a", map_public_ip_on_launch = true }
  }
  expect_failures = [data.aws_subnet.existing]
}

run "private_subnet_with_internet_route" {
  command = plan
  override_data {
    target = data.aws_route_table.existing["private-eu-west-1a"]
    values = { routes = [{ gateway_id = "igw-1" }] }
  }
  expect_failures = [data.aws_route_table.existing]
}

run "endpoint_with_another_security_group" {
  command = plan
  override_data {
    target = data.aws_vpc_endpoint.existing
    values = { security_group_ids = ["sg-2"], prefix_list_id = "pl-1" }
  }
  expect_failures = [data.aws_vpc_endpoint.existing]
}

run "one_zone" {
  command = plan
  variables {
    existing = {
      vpc_id                     = "vpc-1"
      public_subnet_ids          = { eu-west-1a = "subnet-1" }
      private_subnet_ids         = { eu-west-1a = "subnet-3" }
      endpoint_security_group_id = "sg-1"
    }
  }
  expect_failures = [var.existing]
}

run "ranges_that_would_be_ignored" {
  command = plan
  variables {
    zones = {
      eu-west-1a = { public_cidr = "10.0.0.0/24", private_cidr = "10.0.10.0/24" }
      eu-west-1b = { public_cidr = "10.0.1.0/24", private_cidr = "10.0.11.0/24" }
    }
  }
  expect_failures = [var.zones]
}
