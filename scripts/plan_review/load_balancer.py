"""The load balancer and the firewall before it: what they refuse, and what they write down. TLS: exposure.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.plan_review.data_loss import VERBS
from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

# The stricter, the further right (ELB's desync mitigation modes).
DESYNC = ("monitor", "defensive", "strictest")
FIREWALL = ("aws_wafv2_web_acl", "aws_wafv2_web_acl_association", "aws_wafv2_rule_group", "aws_wafv2_ip_set")
# What a firewall refuses, and where it writes what it saw.
FIREWALL_ATTRIBUTES = ("default_action", "rule", "web_acl_arn", "resource_arn", "addresses", "capacity")
LOOKS_AT = {
    "aws_lb": (
        *("access_logs.enabled", "access_logs.bucket", "access_logs.prefix", "connection_logs", "subnets"),
        *("desync_mitigation_mode", "drop_invalid_header_fields", "xff_header_processing_mode", "security_groups"),
        *("internal", "preserve_host_header", "enable_waf_fail_open"),
    ),
    **dict.fromkeys(FIREWALL, FIREWALL_ATTRIBUTES),
    "aws_wafv2_web_acl_logging_configuration": ("log_destination_configs", "redacted_fields", "logging_filter"),
}


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what the load balancer or the firewall lets through or no longer writes down."""
    for change in plan.changes:
        if change.type == "aws_lb" and change.after:
            yield from _balancer(change)
        if change.type in FIREWALL:
            yield from _firewall(change)
        if change.type == "aws_wafv2_web_acl_logging_configuration" and change.before:
            yield from _firewall_log(change)


def _balancer(change: Change) -> Iterator[Finding]:
    before, after = change.before, change.after
    old_logs, new_logs = (change.block(side, "access_logs") for side in ("before", "after"))
    if new_logs.get("enabled") is not True and (not before or old_logs.get("enabled") is True):
        yield Finding(
            "audit-trail-cut", change.address, "writes no access log: there is no record of who asked for what"
        )
    elif old_logs.get("enabled") is True and (old_logs.get("bucket"), old_logs.get("prefix")) != (
        new_logs.get("bucket"),
        new_logs.get("prefix"),
    ):
        text = f"writes its access log elsewhere: {code(old_logs.get('bucket'))} → {code(new_logs.get('bucket'))}"
        yield Finding("audit-trail-cut", change.address, text)
    old, new = before.get("desync_mitigation_mode"), after.get("desync_mitigation_mode")
    if new in DESYNC and (old in DESYNC or not before) and DESYNC.index(new) < DESYNC.index(old or "defensive"):
        text = (
            f"desync mitigation {code(old)} → {code(new)}: requests that two readers split differently are let through"
        )
        yield Finding("load-balancer-weakened", change.address, text)
    if after.get("drop_invalid_header_fields") is False and before.get("drop_invalid_header_fields") is not False:
        yield Finding("load-balancer-weakened", change.address, "passes headers on that are none (RFC 7230)")
    for name, meaning in (
        ("xff_header_processing_mode", "whom the collector takes for the client"),
        ("security_groups", "who may reach it"),
        ("preserve_host_header", "which host the collector is asked for"),
        ("enable_waf_fail_open", "whether it serves while the firewall does not answer"),
    ):
        if before and before.get(name) != after.get(name):
            text = f"{code(name)} {code(str(before.get(name)))} → {code(str(after.get(name)))}: {meaning}"
            yield Finding("load-balancer-weakened", change.address, text)


def _firewall(change: Change) -> Iterator[Finding]:
    if change.gone:
        text = f"{VERBS[change.action]}: requests are not filtered, for a while at least"
        yield Finding("web-firewall-weakened", change.address, text)
    elif change.action is Action.UPDATE:
        moved = [name for name in FIREWALL_ATTRIBUTES if change.before.get(name) != change.after.get(name)]
        if moved:
            text = f"refuses other requests than before: {', '.join(map(code, moved))} changes"
            yield Finding("web-firewall-weakened", change.address, text)


def _firewall_log(change: Change) -> Iterator[Finding]:
    if change.gone or change.before.get("log_destination_configs") != change.after.get("log_destination_configs"):
        yield Finding("audit-trail-cut", change.address, "the firewall's log stops or goes elsewhere")
    for name in ("redacted_fields", "logging_filter"):
        if change.after and change.before.get(name) != change.after.get(name):
            text = f"{code(name)} changes: the firewall's log may hold what it did not"
            yield Finding("outside-subscriber", change.address, text)
