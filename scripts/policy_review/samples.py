"""Values of given events that a change of the policy shows or hides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.policy_review.attributes import Outcome
from scripts.policy_review.diff import Kind
from scripts.policy_review.preview import previews, throw_away_key
from wire.columns import INDEX
from wire.self_describing import SchemaKey
from wire.tracker_protocol import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lambda_src.pseudonymizer.policy.policy import Policy, Rule
    from scripts.policy_review.attributes import Attribute, Where
    from scripts.policy_review.diff import Change
    from scripts.policy_review.document import YamlPath

PER_CHANGE = 3
_SHOWN = (Outcome.VISIBLE, Outcome.PARTLY)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value, and what the old and the new policy make of it under one key."""

    where: Where
    value: str
    old: Attribute
    new: Attribute
    rules: frozenset[YamlPath]  # that have a say in it

    def fits(self, change: Change) -> bool:
        """Return whether `change` explains the difference."""
        if self.rules.isdisjoint(change.rules):
            return False
        match change.kind:
            case Kind.VISIBLE:
                return self.new.outcome in _SHOWN
            case Kind.HIDDEN:
                return self.old.outcome in _SHOWN
        return True


def differing(events: bytes, old: Policy, new: Policy) -> list[Sample]:
    """Return the attributes of `events` that the two policies show differently."""
    key = throw_away_key()
    found = []
    for before, after in zip(previews(events, old, key), previews(events, new, key), strict=True):
        others = iter(after.attributes)
        for one in before.attributes:
            other = next((each for each in others if each.where == one.where and each.before == one.before), None)
            if other is not None and other.after != one.after:
                rules = frozenset((*_deciding(one, old), *_deciding(one, new)))
                found.append(Sample(one.where, one.before, one, other, rules))
    return found


def of_change(samples: Iterable[Sample], change: Change) -> list[Sample]:
    """Return a few samples with different values that `change` explains."""
    fitting = {(each.where, each.value): each for each in samples if each.fits(change)}
    return list(fitting.values())[:PER_CHANGE]


def _deciding(attribute: Attribute, policy: Policy) -> Iterator[YamlPath]:
    where = attribute.where
    if where.column:
        yield "columns", where.column
    if where.schema:
        key = SchemaKey.parse(where.schema)
        criterion = next((each for each in policy.schemas if each.matches(key)), None)
        if criterion is None:
            return
        yield "schemas", str(criterion)
        section: YamlPath = ("schemas", str(criterion))
        rules = policy.schemas[criterion]
    elif where.column:
        yield from _inside(policy.columns[where.column], attribute, policy)
        return
    else:
        section, rules = ("old_failed_event",), policy.old_failed_event
    path = max((each for each in rules if _leads_to(each, where.path)), key=len, default=None)
    if path is not None:
        yield (*section, path)
        yield from _inside(rules[path], attribute, policy)


def _leads_to(rule_path: str, path: str) -> bool:
    return path == rule_path or path.startswith((f"{rule_path}.", f"{rule_path}["))


def _inside(rule: Rule, attribute: Attribute, policy: Policy) -> Iterator[YamlPath]:
    """Yield the rules that a composite rule hands a value on to."""
    name = attribute.where.path.rpartition(".")[2]
    match rule:
        case "columns":
            if name in INDEX:
                yield "columns", name
                yield from _inside(policy.columns[name], attribute, policy)
        case "header":
            yield "headers", attribute.before.partition(":")[0].lower()
        case "parameter" | "parameters":
            parameter = attribute.where.parameter or name
            yield "parameters", parameter
            if parameter in PARAMETERS:
                yield from (("columns", column) for column in PARAMETERS[parameter].columns)
        case str() if rule.startswith("url"):
            yield from (("urls", each) for each in ("schemes", "hosts", "ports"))
            yield from (("urls", "query", each) for each in policy.query)
