"""Exposure: who can reach what over the network, public access, TLS."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action
from scripts.plan_review.values import HIDDEN_TEXT, UNKNOWN, Hidden, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

PUBLIC_ACCESS_BLOCK = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
# A few huge ranges are everyone in all but name.
EVERYONE_PREFIX = {4: 8, 6: 16}


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what becomes reachable, or is less well protected on its way."""
    for change in plan.changes:
        yield from _ingress(change)
        yield from _public(change)
        yield from _tls(change)
        yield from _metadata(change)


def _ingress(change: Change) -> Iterator[Finding]:
    old, new = _rules(change, change.before), _rules(change, change.after)
    for rule in sorted(new - old):
        source, ports = rule
        wide = _everyone(source)
        kind = "open-to-everyone" if wide else "ingress-opened"
        yield Finding(kind, change.address, f"lets {'everyone, ' if wide else ''}{code(source)} in to {code(ports)}")
    for source, ports in sorted(old - new):
        yield Finding("ingress-narrowed", change.address, f"no longer lets {code(source)} in to {code(ports)}")


def _rules(change: Change, values: dict[str, Any]) -> set[tuple[str, str]]:
    """Return (source, protocol and ports) of each rule of ingress in one side of a change."""
    if not values:
        return set()
    if change.type == "aws_vpc_security_group_ingress_rule":
        names = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")
        return {(_source(values[name]), _ports(values, "ip_protocol")) for name in names if values.get(name)}
    if change.type == "aws_security_group_rule" and values.get("type") == "ingress":
        return {(source, _ports(values, "protocol")) for source in _inline_sources(values)}
    if change.type in ("aws_security_group", "aws_default_security_group"):
        if isinstance(values.get("ingress"), Hidden):
            return {(_source(values["ingress"]), "every port")}
        return {
            (s, _ports(block, "protocol")) for block in blocks(values.get("ingress")) for s in _inline_sources(block)
        }
    return set()


def _inline_sources(block: dict[str, Any]) -> Iterator[str]:
    names = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
    for name in names:
        listed = block.get(name)
        yield from map(_source, listed if isinstance(listed, list) else [listed] if listed else [])
    if block.get("self") is True:
        yield "itself"
    if block.get("source_security_group_id"):
        yield _source(block["source_security_group_id"])


def _source(value: Any) -> str:
    if value is UNKNOWN:
        return "a group or list known after apply"
    return str(value)


def _ports(values: dict[str, Any], protocol: str) -> str:
    name, first, last = str(values.get(protocol)), values.get("from_port"), values.get("to_port")
    if name == "-1":
        return "every port"
    return f"{name} {first}" if first == last else f"{name} {first} to {last}"


def _everyone(source: str) -> bool:
    # Also a text of which a part was taken for a secret: it may be everyone's.
    if HIDDEN_TEXT in source:
        return True
    try:
        network = ipaddress.ip_network(source, strict=False)
    except ValueError:
        return False
    return network.prefixlen < EVERYONE_PREFIX[network.version] and not network.is_private


def _public(change: Change) -> Iterator[Finding]:
    if change.type in ("aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"):
        off = [name for name in PUBLIC_ACCESS_BLOCK if change.after.get(name) is not True]
        was_off = [name for name in PUBLIC_ACCESS_BLOCK if change.before.get(name) is not True]
        if change.action is Action.DELETE or (off and (not change.before or off != was_off)):
            yield Finding("public-access", change.address, f"no longer blocks: {', '.join(map(code, off))}")
    if change.type == "aws_s3_bucket_acl" and str(change.after.get("acl", "")).startswith("public"):
        yield Finding("public-access", change.address, f"is {code(change.after['acl'])}")
    if change.type == "aws_lb" and change.before.get("internal") is True and change.after.get("internal") is False:
        yield Finding("public-access", change.address, "faces the internet from now on")
    if change.type == "aws_lambda_function_url" and change.after.get("authorization_type") == "NONE":
        yield Finding("public-access", change.address, "answers everyone: no authorization")
    if change.type == "aws_lambda_permission" and change.after.get("principal") == "*":
        yield Finding("public-access", change.address, "lets everyone invoke the function")
    for name in ("map_public_ip_on_launch", "associate_public_ip_address", "publicly_accessible"):
        if change.after.get(name) is True and change.before.get(name) is not True:
            yield Finding("public-access", change.address, f"{code(name)} is on: a public address")


def _tls(change: Change) -> Iterator[Finding]:
    if change.type != "aws_lb_listener" or not change.after:
        return
    old, new = change.before.get("ssl_policy"), change.after.get("ssl_policy")
    if old and old != new:
        yield Finding("tls-weakened", change.address, f"TLS policy {code(old)} → {code(new)}: compare their versions")
    forwards = any(action.get("type") == "forward" for action in blocks(change.after.get("default_action")))
    if change.after.get("protocol") == "HTTP" and forwards and (change.before.get("protocol") != "HTTP"):
        yield Finding("tls-weakened", change.address, "takes requests in clear: HTTP, with no redirect to HTTPS")


def _metadata(change: Change) -> Iterator[Finding]:
    if change.type not in ("aws_launch_template", "aws_instance") or not change.after:
        return
    old, new = (change.block(side, "metadata_options").get("http_tokens") for side in ("before", "after"))
    if new != "required" and (old == "required" or not change.before):
        text = "instance metadata without a session token: a forwarded request can read the instance's credentials"
        yield Finding("public-access", change.address, text)
