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
  cidr         = "10.0.0.0/16"
  logs_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/logs"
  zones = {
    eu-west-1a = { public_cidr = "10.0.0.0/24", private_cidr = "10.0.10.0/24" }
    eu-west-1b = { public_cidr = "10.0.1.0/24", private_cidr = "10.0.11.0/24" }
  }
}

run "good" {
  command = plan

  override_resource {
    target          = aws_route_table.public["vpc"]
    override_during = plan
    values          = { id = "rtb-public" }
  }

  override_resource {
    target          = aws_route_table.private["vpc"]
    override_during = plan
    values          = { id = "rtb-private" }
  }

  assert {
    condition     = aws_route.internet["vpc"].route_table_id == "rtb-public"
    error_message = "Only the public subnets have a route to the internet."
  }

  assert {
    condition     = alltrue([for a in aws_route_table_association.private : a.route_table_id == "rtb-private"])
    error_message = "Every private subnet uses the private route table."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch == false])
    error_message = "No instance gets a public address."
  }

  assert {
    condition     = keys(aws_flow_log.private) == ["eu-west-1a", "eu-west-1b"]
    error_message = "Flows of each private subnet are logged, and of no public one."
  }

  assert {
    condition = toset([for rule in aws_vpc_security_group_ingress_rule.endpoints : rule.cidr_ipv4]) == toset([
      "10.0.10.0/24", "10.0.11.0/24",
    ])
    error_message = "Only the private subnets reach the endpoints."
  }

  assert {
    condition     = keys(aws_vpc_endpoint.gateway) == ["dynamodb", "s3"]
    error_message = "S3 and DynamoDB are reached by gateway endpoints."
  }

  assert {
    condition = keys(aws_vpc_endpoint.interface) == [
      "autoscaling", "ec2messages", "kinesis-streams", "kms", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages", "sts",
    ]
    error_message = "Every service that is called has an endpoint: there is no other way out."
  }

  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.flow.policy).Statement : s.Resource => toset(flatten([s.Action]))
      } == {
      "arn:aws:logs:eu-west-1:111111111111:log-group:/snowveil/snowplow/flow:*" = toset([
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents",
      ])
      "arn:aws:logs:eu-west-1:111111111111:log-group:*" = toset(["logs:DescribeLogGroups"])
    }
    error_message = "Flow logs are written with the permissions AWS asks for, not read."
  }

  assert {
    condition = one(jsondecode(aws_iam_role.flow.assume_role_policy).Statement).Condition == {
      ArnLike      = { "aws:SourceArn" = "arn:aws:ec2:eu-west-1:111111111111:vpc-flow-log/*" }
      StringEquals = { "aws:SourceAccount" = "111111111111" }
    }
    error_message = "Flow logs of another account do not use the role."
  }

  assert {
    condition = {
      for s in jsondecode(aws_vpc_endpoint.gateway["s3"].policy).Statement : s.Sid => [s.Action, s.Resource, try(s.Condition, null)]
      } == {
      ThisAccount      = ["s3:*", "*", { StringEquals = { "aws:ResourceAccount" = "111111111111" } }]
      ReadOnlyOfOthers = ["s3:GetObject", "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*", null]
    }
    error_message = "The way to S3 ends at this account's buckets and Amazon Linux's packages."
  }

  assert {
    condition = alltrue([
      for endpoint in concat(values(aws_vpc_endpoint.interface), [aws_vpc_endpoint.gateway["dynamodb"]]) :
      one(jsondecode(endpoint.policy).Statement).Condition.StringEquals["aws:PrincipalAccount"] == "111111111111"
    ])
    error_message = "No endpoint takes the credentials of another account."
  }
}

run "one_zone" {
  command = plan
  variables {
    zones = { eu-west-1a = { public_cidr = "10.0.0.0/24", private_cidr = "10.0.10.0/24" } }
  }
  expect_failures = [var.zones]
}

run "invalid_vpc_cidr" {
  command = plan
  variables {
    cidr = "10.0.0.0"
  }
  expect_failures = [var.cidr]
}

run "required_endpoint_missing" {
  command = plan
  variables {
    interface_endpoints = ["logs"]
  }
  expect_failures = [var.interface_endpoints]
}

run "invalid_subnet_cidr" {
  command = plan
  variables {
    zones = {
      eu-west-1a = { public_cidr = "10.0.0.0/24", private_cidr = "10.0.10.0/24" }
      eu-west-1b = { public_cidr = "10.0.1.0/24", private_cidr = "private" }
    }
  }
  expect_failures = [var.zones]
}

run "images_come_from_ecr" {
  command = plan
  variables {
    pulls_images = true
  }
  assert {
    condition     = length(setsubtract(["ecr.api", "ecr.dkr"], keys(aws_vpc_endpoint.interface))) == 0
    error_message = "An image is pulled by ECR's two endpoints."
  }
}

run "ipv6" {
  command = plan
  variables {
    ipv6 = true
  }
  override_resource {
    target          = aws_vpc.this["vpc"]
    override_during = plan
    values          = { ipv6_cidr_block = "2001:db8:1234:1a00::/56" }
  }

  assert {
    condition = { for zone, subnet in aws_subnet.public : zone => subnet.ipv6_cidr_block } == {
      eu-west-1a = "2001:db8:1234:1a00::/64"
      eu-west-1b = "2001:db8:1234:1a01::/64"
    }
    error_message = "Each public subnet has a range of its own."
  }

  assert {
    condition     = keys(aws_route.internet_ipv6) == ["vpc"] && alltrue([for subnet in aws_subnet.private : subnet.ipv6_cidr_block == null])
    error_message = "Private subnets have no way out by IPv6."
  }
}
