"""A review: what is found in a plan and in a merge request, judged, and masked for its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from scripts.plan_review import (
    availability,
    data_loss,
    drift,
    exposure,
    functions,
    load_balancer,
    monitoring,
    network,
    outsiders,
    permissions,
    privacy,
    unclassified,
    user_data,
)
from scripts.plan_review.cost import Cost, cost, read_prices
from scripts.plan_review.findings import Finding, Section, code
from scripts.plan_review.masking import Mask
from scripts.plan_review.plan import Action, Change, Plan
from scripts.plan_review.rules import RISKS, Risk, Rules, Verdict, expired, judge

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from scripts.plan_review.merge_request import MergeRequest

CONCERNS = (
    *(data_loss, privacy, functions, outsiders, permissions, exposure, network, load_balancer, user_data),
    *(availability, monitoring),
)
ORDER = list(Section)


class Entry(msgspec.Struct, frozen=True):
    """A judged finding as it is printed; `accepted` says until when and why, if an exception holds."""

    section: str
    kind: str
    rule: str
    risk: Risk
    exit_code: int
    address: str
    text: str
    details: list[str]
    accepted: str | None


class Row(msgspec.Struct, frozen=True):
    """A line of the table: what happens to one resource, and the names of the attributes that differ."""

    action: str
    address: str
    attributes: list[str]
    note: str | None


class Review(msgspec.Struct, frozen=True):
    """Everything the comment says, and the shape of --json. Every text is masked Markdown."""

    environment: str
    commit: str
    is_documentation: bool
    add: int
    change: int
    replace: int
    destroy: int
    forget: int
    risk: Risk | None
    exit_code: int
    approvers: list[str]
    entries: list[Entry]
    policy: str | None
    cost: Cost
    unknowns: int
    unknown_policies: int
    expired_exceptions: list[str]
    table: list[Row]

    @property
    def unchanged(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.table or self.entries or self.expired_exceptions)


def review(
    plan: Plan,
    merge_request: MergeRequest,
    rules: Rules,
    today: dt.date,
    usage: dict[str, float] | None = None,
) -> Review:
    """Return the review of a plan and of what a merge request changes beside it.

    `usage`: quantities a month, by the names in prices.yaml. Raises UsageError.
    """
    # What a plan still shows then is of another merge request, and reviewed there and before each apply.
    found = [] if merge_request.is_documentation else [*_findings(plan, rules), *merge_request.findings]
    verdicts = sorted(judge(found, rules, today), key=_order)
    mask = Mask(plan.account_id)
    open_verdicts = [verdict for verdict in verdicts if not verdict.exception]
    return Review(
        environment=mask.text(plan.environment),
        commit=merge_request.commit,
        is_documentation=merge_request.is_documentation,
        add=plan.count(Action.CREATE),
        change=plan.count(Action.UPDATE),
        replace=plan.count(Action.REPLACE),
        destroy=plan.count(Action.DELETE),
        forget=plan.count(Action.FORGET),
        risk=max((verdict.rule.risk for verdict in open_verdicts), key=RISKS.index, default=None),
        exit_code=max((verdict.exit_code for verdict in verdicts), default=0),
        approvers=sorted({name for verdict in open_verdicts for name in verdict.rule.approvers}),
        entries=[_entry(verdict, mask) for verdict in verdicts],
        policy=mask.text(merge_request.policy_text) if merge_request.policy_text else None,
        cost=cost(plan, read_prices(), usage),
        unknowns=plan.unknowns(),
        unknown_policies=permissions.unknown_policies(plan),
        expired_exceptions=[
            mask.text(f"{each.rule} for {code(each.address)} ended on {each.expires}: {each.reason}")
            for each in expired(rules, today)
        ],
        table=[_row(change, mask) for change in plan.changes],
    )


def _order(verdict: Verdict) -> tuple[int, tuple[int, int], str, str, str]:
    """Section by section, the gravest first, what is about one address together where it is as grave."""
    finding = verdict.finding
    risk = RISKS.index(verdict.rule.risk)
    grave = (-verdict.rule.exit_code, -risk)
    return ORDER.index(finding.section), grave, finding.address, finding.kind, finding.text


def looked_at() -> dict[str, set[str]]:
    """Return the paths of the attributes that the concerns look at, by the type of the resource."""
    paths: dict[str, set[str]] = {}
    for concern in CONCERNS:
        for kind, names in concern.LOOKS_AT.items():
            paths.setdefault(kind, set()).update(names)
    return paths


def _findings(plan: Plan, rules: Rules) -> Iterator[Finding]:
    found = [finding for concern in CONCERNS for finding in concern.findings(plan)]
    yield from found
    yield from unclassified.findings(plan, looked_at(), rules.harmless, {finding.address for finding in found})
    yield from drift.findings(plan)
    for change, name in plan.hidden_changes():
        yield Finding("value-hidden", change.address, f"{code(name)} changes; Terraform calls it sensitive")


def _entry(verdict: Verdict, mask: Mask) -> Entry:
    finding, exception = verdict.finding, verdict.exception
    return Entry(
        section=finding.section.value,
        kind=finding.kind,
        rule=verdict.rule.id,
        risk=verdict.rule.risk,
        exit_code=verdict.exit_code,
        address=mask.text(code(finding.address)),
        text=mask.text(finding.text),
        details=[mask.text(line) for line in finding.details],
        accepted=mask.text(f"accepted until {exception.expires}: {code(exception.reason)}") if exception else None,
    )


def _row(change: Change, mask: Mask) -> Row:
    attributes = change.changed() if change.action in (Action.UPDATE, Action.REPLACE) else []
    moved = f"moved from {code(change.previous_address)}" if change.previous_address else None
    return Row(
        action=change.action.value,
        address=mask.text(code(change.address)),
        attributes=[mask.text(code(name)) for name in attributes],
        note=mask.text(moved) if moved else None,
    )


def widget(review: Review) -> dict[str, Any]:
    """Return the three numbers of GitLab's Terraform report; a replacement is a creation and a deletion."""
    return {
        "create": review.add + review.replace,
        "update": review.change,
        "delete": review.destroy + review.replace,
    }
