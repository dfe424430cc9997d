"""Availability: what serves less, or not at all for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.plan_review.data_loss import VERBS, is_lower, why
from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

CAPACITY = {
    "aws_autoscaling_group": ("min_size", "max_size", "desired_capacity"),
    "aws_lambda_function": ("reserved_concurrent_executions", "memory_size", "timeout"),
    "aws_dynamodb_table": ("read_capacity", "write_capacity"),
    "aws_appautoscaling_target": ("min_capacity", "max_capacity"),
}
# What answers or moves events: while it is created again, nothing does.
SERVING = {
    "aws_autoscaling_group": "its instances stop before new ones start",
    "aws_lb": "trackers get no answer until the new one is in DNS",
    "aws_lb_target_group": "the load balancer has nowhere to send requests to",
    "aws_lb_listener": "the port does not answer",
    "aws_route53_record": "trackers do not find what it names",
    "aws_acm_certificate": "what it is for cannot be reached by TLS",
    "aws_acm_certificate_validation": "the certificate is not waited for",
    "aws_lambda_function": "deliveries fail and are tried again",
    "aws_lambda_alias": "deliveries fail and are tried again",
    "aws_vpc_endpoint": "instances do not reach the service",
    "aws_route": "the network has no way out",
    "aws_subnet": "everything in it moves",
    "aws_vpc": "everything in it is created again",
    "aws_iam_role": "calls of its holders are refused",
}


LOOKS_AT = {
    **dict.fromkeys(SERVING, ()),
    **CAPACITY,
    "aws_launch_template": ("instance_type", "image_id", "instance_market_options"),
    "aws_autoscaling_policy": ("policy_type", "target_tracking_configuration", "step_adjustment", "scaling_adjustment"),
    "aws_autoscaling_schedule": ("min_size", "max_size", "desired_capacity", "recurrence", "start_time", "end_time"),
    "aws_lb_target_group": ("health_check", "deregistration_delay", "port", "protocol"),
}
SCALING = ("aws_autoscaling_policy", "aws_autoscaling_schedule", "aws_appautoscaling_policy", "aws_lb_target_group")


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what lowers capacity, interrupts a service or replaces instances."""
    for change in plan.changes:
        if change.gone and change.type in SERVING:
            text = f"{VERBS[change.action]}: {SERVING[change.type]}"
            yield Finding("service-replaced", change.address, text, why(change))
        if change.action is Action.UPDATE:
            yield from _lowered(change)
        if change.type in SCALING and change.before:
            yield from _scaling(change)
    templates = [c for c in plan.changes if c.type == "aws_launch_template" and c.action is Action.UPDATE]
    for change in templates:
        changed = [name for name in change.changed() if name not in ("latest_version", "tags_all")]
        text = f"instances are replaced one after the other: {', '.join(map(code, changed))} changes"
        yield Finding("instances-refreshed", change.address, text)


def _scaling(change: Change) -> Iterator[Finding]:
    """Yield what makes fleets follow the load differently, or instances count as healthy that did not."""
    if change.action in (Action.DELETE, Action.FORGET) and change.type not in SERVING:
        yield Finding(
            "capacity-lowered", change.address, f"{VERBS[change.action]}: the fleet no longer follows the load"
        )
    names = [name for name in LOOKS_AT.get(change.type, ()) if change.before.get(name) != change.after.get(name)]
    if change.after and names:
        yield Finding(
            "capacity-lowered", change.address, f"scales or is checked differently: {', '.join(map(code, names))}"
        )


def _lowered(change: Change) -> Iterator[Finding]:
    for name in CAPACITY.get(change.type, ()):
        old, new = change.before.get(name), change.after.get(name)
        # -1 is not a reservation at all: a share of the account's pool.
        if is_lower(old, new):
            lost = " (no reservation)" if name == "reserved_concurrent_executions" and new == -1 else ""
            yield Finding("capacity-lowered", change.address, f"{code(name)}: {code(old)} → {code(new)}{lost}")
    if change.type == "aws_launch_template" and change.before.get("instance_type") != change.after.get("instance_type"):
        text = f"instance type {code(change.before.get('instance_type'))} → {code(change.after.get('instance_type'))}"
        yield Finding("capacity-lowered", change.address, text)
