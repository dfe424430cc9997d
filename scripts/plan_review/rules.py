"""policy/review.yaml: what follows from a finding, and which findings somebody has accepted."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotation
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import yaml

from scripts.plan_review.findings import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.plan_review.findings import Finding

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "policy/review.yaml"
Risk = Literal["low", "medium", "high"]
RISKS: tuple[Risk, ...] = ("low", "medium", "high")
Text = Annotated[str, msgspec.Meta(min_length=1)]


class RulesError(Exception):
    """policy/review.yaml is wrong; the message is one line with the remedy."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows from findings of the kinds in `when`: 0 passes the job, 3 waits for approval, 4 stops it."""

    id: Text
    when: list[str]
    risk: Risk
    exit_code: Literal[0, 3, 4]
    approvers: list[Text] = []


class RuleException(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Findings of one rule at one address that are accepted up to and including the day `expires`."""

    rule: Text
    address: Text
    reason: Text
    expires: dt.date


class Harmless(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Attributes of a type of resource (`*`: of each) whose change needs no rule; with none, its coming and going."""

    type: Text
    attributes: list[Text]
    reason: Text


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    version: Literal[1]
    rules: list[Rule]
    harmless: list[Harmless] = []
    exceptions: list[RuleException] = []


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding, what its rule says of it, and the exception that accepts it, if one does."""

    finding: Finding
    rule: Rule
    exception: RuleException | None

    @property
    def exit_code(self) -> int:
        """0 for what is accepted."""
        return 0 if self.exception else self.rule.exit_code


def read_rules(path: Path = RULES) -> Rules:
    """Return the rules. Raises RulesError."""
    try:
        rules = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Rules)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise RulesError(f"{path.name}: {' '.join(str(error).split())}") from None
    ids = [rule.id for rule in rules.rules]
    kinds = [kind for rule in rules.rules for kind in rule.when]
    for what, wrong in (
        ("two rules are called", [one for one in ids if ids.count(one) > 1]),
        ("two rules are about", [kind for kind in kinds if kinds.count(kind) > 1]),
        ("no such kind of finding:", [kind for kind in kinds if kind not in KINDS]),
        ("no rule says what follows from", [kind for kind in KINDS if kind not in kinds]),
        ("an exception names no rule:", [each.rule for each in rules.exceptions if each.rule not in ids]),
    ):
        if wrong:
            raise RulesError(f"{path.name}: {what} {wrong[0]}")
    return rules


def judge(findings: Sequence[Finding], rules: Rules, today: dt.date) -> list[Verdict]:
    """Return the verdict on each finding, in the order given."""
    by_kind = {kind: rule for rule in rules.rules for kind in rule.when}
    verdicts = []
    for finding in findings:
        rule = by_kind[finding.kind]
        accepted = (
            each
            for each in rules.exceptions
            if each.rule == rule.id and each.address == finding.address and today <= each.expires
        )
        verdicts.append(Verdict(finding, rule, next(accepted, None)))
    return verdicts


def expired(rules: Rules, today: dt.date) -> list[RuleException]:
    """Return the exceptions that no longer hold: they are to be renewed or deleted."""
    return [each for each in rules.exceptions if each.expires < today]
