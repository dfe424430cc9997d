"""Ways out of the network: egress, routes, gateways. Ways in: exposure.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.plan_review.exposure import ports, sources
from scripts.plan_review.findings import Finding, code
from scripts.plan_review.permissions import LIMITING
from scripts.plan_review.statements import UnreadablePolicyError, statements
from scripts.plan_review.values import UNKNOWN, Hidden, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

EVERYWHERE = ("0.0.0.0/0", "::/0")
# What leads out of the network, by the attribute of a route that names it.
WAYS = (
    *("gateway_id", "nat_gateway_id", "egress_only_gateway_id", "transit_gateway_id", "vpc_peering_connection_id"),
    *("network_interface_id", "vpc_endpoint_id", "core_network_arn", "carrier_gateway_id", "local_gateway_id"),
)
DESTINATIONS = ("destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id")
# A resource of these kinds is itself a way out.
GATEWAYS = {
    "aws_nat_gateway": "what is in the private network reaches the internet",
    "aws_egress_only_internet_gateway": "what is in the private network reaches the internet by IPv6",
    "aws_vpc_peering_connection": "another network is one hop away",
    "aws_ec2_transit_gateway_vpc_attachment": "other networks are one hop away",
    "aws_vpn_connection": "another network is one hop away",
    "aws_internet_gateway": "what has a public address and a route reaches the internet, and is reached from it",
    "aws_eip": "something has a public address",
}
RULE = (
    "cidr_ipv4",
    "cidr_ipv6",
    "prefix_list_id",
    "referenced_security_group_id",
    "ip_protocol",
    "from_port",
    "to_port",
)
LOOKS_AT = {
    "aws_vpc_security_group_egress_rule": RULE,
    "aws_security_group": ("egress",),
    "aws_default_security_group": ("egress",),
    "aws_route": (*WAYS, *DESTINATIONS),
    "aws_route_table": ("route",),
    "aws_default_route_table": ("route",),
    "aws_network_acl": ("egress", "ingress"),
    "aws_network_acl_rule": (
        "egress",
        "cidr_block",
        "ipv6_cidr_block",
        "rule_action",
        "from_port",
        "to_port",
        "protocol",
    ),
    "aws_subnet": ("map_public_ip_on_launch",),
    "aws_route_table_association": ("route_table_id", "subnet_id"),
    **dict.fromkeys(GATEWAYS, ()),
}


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what may leave the network from now on, and how."""
    for change in plan.changes:
        for destination, where in sorted(_egress(change, change.after) - _egress(change, change.before)):
            kind = "egress-opened" if _is_address(destination) else "egress-added"
            yield Finding(kind, change.address, f"lets traffic out to {code(destination)}, {code(where)}")
        if change.type in LIMITING and change.after:
            yield from _endpoint(change)
        for destination, way in sorted(_routes(change, change.after) - _routes(change, change.before)):
            text = f"sends {code(destination)} out through {code(way)}"
            yield Finding("internet-route-added", change.address, text)
        if change.type in GATEWAYS and change.after and not change.before:
            yield Finding("internet-route-added", change.address, GATEWAYS[change.type])
        if change.type == "aws_route_table_association" and change.before and change.after:
            yield from _moved(change)
        if change.type in ("aws_network_acl", "aws_network_acl_rule") and change.before:
            yield Finding("egress-opened", change.address, "filters the network differently: compare its rules")


def _egress(change: Change, values: dict[str, Any]) -> set[tuple[str, str]]:
    """Return (destination, protocol and ports) of each rule of egress in one side of a change."""
    if not values:
        return set()
    if change.type == "aws_vpc_security_group_egress_rule":
        found = {name: values[name] for name in RULE[:4] if values.get(name)}
        named = {"prefix_list_id": "a prefix list", "referenced_security_group_id": "a security group"}
        return {
            (
                f"{named[name]} known after apply" if value is UNKNOWN and name in named else str(value),
                ports(values, "ip_protocol"),
            )
            for name, value in found.items()
        }
    if change.type == "aws_security_group_rule" and values.get("type") == "egress":
        return {(destination, ports(values, "protocol")) for destination in sources(values)}
    if change.type in ("aws_security_group", "aws_default_security_group"):
        if isinstance(values.get("egress"), Hidden):
            return {(str(values["egress"]), "every port")}
        return {(to, ports(block, "protocol")) for block in blocks(values.get("egress")) for to in sources(block)}
    return set()


def _is_address(destination: str) -> bool:
    """Return whether a destination is a range of addresses, or may be: a group and a prefix list are not."""
    return not destination.startswith(("sg-", "pl-", "a security group", "a prefix list", "itself"))


def _endpoint(change: Change) -> Iterator[Finding]:
    """Yield what an endpoint lets through to any account: without a policy, everything (AWS PrivateLink's default)."""
    try:
        before, after = (statements(getattr(change, side).get("policy")) for side in ("before", "after"))
    except UnreadablePolicyError:
        return  # permissions.py says so
    if after == [] and (before or not change.before):
        yield Finding("egress-opened", change.address, "has no policy: it leads to every account's resources")
    for statement in after or []:
        if (
            statement.allows
            and not statement.conditions
            and statement.resources == ("*",)
            and statement not in (before or [])
        ):
            text = "leads to every account's resources"
            yield Finding("egress-opened", change.address, text, (statement.text(),))


def _routes(change: Change, values: dict[str, Any]) -> set[tuple[str, str]]:
    """Return (destination, way) of each route that leads out of the network in one side of a change."""
    if change.type == "aws_route":
        routes = [values]
    elif change.type in ("aws_route_table", "aws_default_route_table"):
        routes = [*blocks(values.get("route"))]
    else:
        return set()
    names = {"cidr_block": "destination_cidr_block", "ipv6_cidr_block": "destination_ipv6_cidr_block"}
    found = set()
    for route in ({names.get(name, name): value for name, value in each.items()} for each in routes):
        destination = next((str(route[name]) for name in DESTINATIONS if route.get(name)), None)
        way = next((name for name in WAYS if route.get(name)), None)
        if destination and way and route[way] != "local":
            found.add((destination, way.removesuffix("_id").replace("_", " ")))
    return found


def _moved(change: Change) -> Iterator[Finding]:
    old, new = change.before.get("route_table_id"), change.after.get("route_table_id")
    if old != new:
        text = f"its subnet is routed by another table: {code(old)} → {code(new)}. Look for a way to the internet in it"
        yield Finding("internet-route-added", change.address, text)
