"""Exposure: who can reach what over the network, public access, TLS."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from scripts.plan_review.data_loss import code_of, is_higher
from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action
from scripts.plan_review.values import HIDDEN_TEXT, UNKNOWN, Hidden, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

PUBLIC_ACCESS_BLOCK = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
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
    "aws_vpc_security_group_ingress_rule": RULE,
    "aws_security_group": ("ingress",),
    "aws_default_security_group": ("ingress",),
    "aws_s3_bucket_public_access_block": PUBLIC_ACCESS_BLOCK,
    "aws_s3_bucket_acl": ("acl",),
    "aws_s3_bucket_ownership_controls": ("rule",),
    "aws_secretsmanager_secret_policy": ("block_public_policy",),
    "aws_lb": ("internal",),
    "aws_lb_listener": ("ssl_policy", "protocol", "default_action", "port", "certificate_arn", "mutual_authentication"),
    "aws_launch_template": ("metadata_options", "network_interfaces.associate_public_ip_address"),
    "aws_lambda_function_url": ("authorization_type",),
    "aws_lambda_permission": ("principal", "source_arn", "source_account", "action", "function_name", "qualifier"),
    "aws_subnet": ("map_public_ip_on_launch",),
}
# A few huge ranges amount to everyone.
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
        return {(_source(values[name]), ports(values, "ip_protocol")) for name in RULE[:4] if values.get(name)}
    if change.type == "aws_security_group_rule" and values.get("type") == "ingress":
        return {(source, ports(values, "protocol")) for source in sources(values)}
    if change.type in ("aws_security_group", "aws_default_security_group"):
        if isinstance(values.get("ingress"), Hidden):
            return {(_source(values["ingress"]), "every port")}
        return {(s, ports(block, "protocol")) for block in blocks(values.get("ingress")) for s in sources(block)}
    return set()


def sources(block: dict[str, Any]) -> Iterator[str]:
    """Yield who a rule inside a security group, or one of the older resource, is about."""
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


def ports(values: dict[str, Any], protocol: str) -> str:
    """Return protocol and ports of a rule in words; `protocol` is the attribute's name."""
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
    if change.type == "aws_s3_bucket_ownership_controls" and change.block("after", "rule") != change.block(
        "before", "rule"
    ):
        mode = change.block("after", "rule").get("object_ownership")
        if mode != "BucketOwnerEnforced":
            text = f"lets access lists decide again: object ownership is {code(mode)}"
            yield Finding("public-access", change.address, text)
    if (
        change.type == "aws_secretsmanager_secret_policy"
        and change.before.get("block_public_policy")
        and change.after
        and not change.after.get("block_public_policy")
    ):
        yield Finding("public-access", change.address, "no longer refuses a policy that is public")
    if change.type == "aws_s3_bucket_acl" and str(change.after.get("acl", "")).startswith("public"):
        yield Finding("public-access", change.address, f"is {code(change.after['acl'])}")
    if change.type == "aws_lb" and change.before.get("internal") is True and change.after.get("internal") is False:
        yield Finding("public-access", change.address, "faces the internet from now on")
    if change.type == "aws_lambda_function_url" and change.after.get("authorization_type") == "NONE":
        yield Finding("public-access", change.address, "answers everyone: no authorization")
    if change.type == "aws_lambda_permission" and change.after:
        if change.after.get("principal") == "*":
            yield Finding("public-access", change.address, "lets everyone invoke the function")
        elif moved := [n for n in LOOKS_AT["aws_lambda_permission"] if change.before.get(n) != change.after.get(n)]:
            text = f"lets {code(change.after.get('principal'))} invoke the function: {', '.join(map(code, moved))}"
            yield Finding("trust-widened", change.address, text)
    for name in ("map_public_ip_on_launch", "associate_public_ip_address", "publicly_accessible"):
        if change.after.get(name) is True and change.before.get(name) is not True:
            yield Finding("public-access", change.address, f"{code(name)} is on: a public address")


def _tls(change: Change) -> Iterator[Finding]:
    if change.type != "aws_lb_listener" or not change.after:
        return
    old, new = change.before.get("ssl_policy"), change.after.get("ssl_policy")
    if old and old != new:
        yield Finding("tls-weakened", change.address, f"TLS policy {code(old)} → {code(new)}: compare their versions")
    for name in ("port", "certificate_arn", "mutual_authentication"):
        if change.before and (change.before.get(name) or None) != (change.after.get(name) or None):
            old, new = change.before.get(name), change.after.get(name)
            yield Finding("tls-weakened", change.address, f"{code(name)} {code_of(old)} → {code_of(new)}")
    targets = [blocks(side.get("default_action")) for side in (change.before, change.after)]
    if change.before and targets[0] != targets[1]:
        yield Finding("tls-weakened", change.address, "sends requests elsewhere: `default_action` changes")
    forwards = any(action.get("type") == "forward" for action in blocks(change.after.get("default_action")))
    if change.after.get("protocol") == "HTTP" and forwards and (change.before.get("protocol") != "HTTP"):
        yield Finding("tls-weakened", change.address, "takes requests in clear: HTTP, with no redirect to HTTPS")


def _metadata(change: Change) -> Iterator[Finding]:
    if change.type not in ("aws_launch_template", "aws_instance") or not change.after:
        return
    old, new = (change.block(side, "metadata_options") for side in ("before", "after"))
    if new.get("http_tokens") != "required" and (old.get("http_tokens") == "required" or not change.before):
        text = "instance metadata without a session token: a forwarded request can read the instance's credentials"
        yield Finding("public-access", change.address, text)
    hops = "http_put_response_hop_limit"
    if is_higher(old.get(hops, 1), new.get(hops)):
        text = f"instance metadata answers {code(new[hops])} hops away: a container or a proxy can read the credentials"
        yield Finding("public-access", change.address, text)
    if new.get("instance_metadata_tags") == "enabled" and old.get("instance_metadata_tags") != "enabled":
        yield Finding("public-access", change.address, "instance metadata shows the tags")
