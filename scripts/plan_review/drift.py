"""Drift: what somebody changed in the account since the last apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.plan_review.data_loss import code_of
from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield what Terraform found to differ from its state before it planned."""
    for change in plan.drift:
        if change.action is Action.DELETE:
            yield Finding("drifted", change.address, "was deleted outside Terraform")
        elif change.action is Action.UPDATE:
            yield Finding("drifted", change.address, "was changed outside Terraform", tuple(_lines(change)))


def _lines(change: Change) -> Iterator[str]:
    for name in change.changed():
        yield f"{code(name)}: {code_of(change.before.get(name))} → {code_of(change.after.get(name))}"
