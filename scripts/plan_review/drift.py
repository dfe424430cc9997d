"""Drift: what somebody changed in the account since the last apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.plan_review.data_loss import code_of
from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action
from scripts.plan_review.unclassified import is_absent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

# What AWS changes by itself: that is the resource at work, not somebody.
MOVED_BY_AWS = {
    "aws_autoscaling_group": {"desired_capacity", "predicted_capacity", "warm_pool_size"},  # scaling follows the load
    "aws_dynamodb_table": {"read_capacity", "write_capacity"},  # so does the table's
}


def changed_outside(change: Change) -> list[str]:
    """Return the attributes that somebody changed: null and empty are the same, and what AWS moves does not count."""
    moved = MOVED_BY_AWS.get(change.type, set())
    return [
        name
        for name in change.changed()
        if name not in moved and not (is_absent(change.before.get(name)) and is_absent(change.after.get(name)))
    ]


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what Terraform found to differ from its state before it planned."""
    for change in plan.drift:
        if change.action is Action.DELETE:
            yield Finding("drifted", change.address, "was deleted outside Terraform")
        elif change.action is Action.UPDATE and (names := changed_outside(change)):
            yield Finding("drifted", change.address, "was changed outside Terraform", tuple(_lines(change, names)))


def _lines(change: Change, names: list[str]) -> Iterator[str]:
    for name in names:
        yield f"{code(name)}: {code_of(change.before.get(name))} → {code_of(change.after.get(name))}"
