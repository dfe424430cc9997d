# Public: the load balancer only. Private: no route to the internet, in or out.
resource "aws_subnet" "public" {
  for_each = var.zones

  vpc_id            = local.vpc_id
  availability_zone = each.key
  cidr_block        = each.value.public_cidr
  # One of the 256 ranges of the VPC for each zone, in the order of their names. Private subnets have none: nothing there is reached
  # by IPv6, nor reaches anything. docs.aws.amazon.com/vpc/latest/userguide/vpc-migrate-ipv6.html
  ipv6_cidr_block = var.ipv6 ? cidrsubnet(aws_vpc.this["vpc"].ipv6_cidr_block, 8, index(sort(keys(var.zones)), each.key)) : null

  tags = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each = var.zones

  vpc_id            = local.vpc_id
  availability_zone = each.key
  cidr_block        = each.value.private_cidr

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route_table" "public" {
  for_each = local.made

  vpc_id = local.vpc_id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  for_each = local.made

  route_table_id         = aws_route_table.public["vpc"].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this["vpc"].id
}

resource "aws_route" "internet_ipv6" {
  for_each = var.ipv6 ? local.made : {}

  route_table_id              = aws_route_table.public["vpc"].id
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.this["vpc"].id
}

resource "aws_route_table" "private" {
  for_each = local.made

  vpc_id = local.vpc_id

  tags = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public["vpc"].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private["vpc"].id
}
