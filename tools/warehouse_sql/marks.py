"""What a reader of the warehouse finds in a column: what the policy does with it, in one word.

The word stands in each column's comment, decides its SQL type, and decides who may read it (`warehouse/roles.yaml`).
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lambda_src.pseudonymizer.policy import policy as policies
from lambda_src.pseudonymizer.policy.policy import Allow, Pseudonymize, Truncate
from wire.columns import COLUMNS

if TYPE_CHECKING:
    from lambda_src.pseudonymizer.policy.policy import Rule, Rules
    from wire.self_describing import SchemaKey

ROOT = Path(__file__).parent.parent.parent

# Domains of pseudonyms that follow one person or one device over events.
_LINKING = frozenset({"user", "device", "session", "click"})


class Mark(Enum):
    """How the policy treats an attribute."""

    CLEAR = "clear"
    PSEUDONYM = "pseudonym"
    SCHEMA = "part of a known schema's name, else a pseudonym"
    URL = "URL of clear and pseudonymized parts"
    NESTED = "JSON of clear and pseudonymized parts"
    ERASED = "erased"


@cache
def policy() -> policies.Policy:
    """Return the project's policy. Raises PolicyError."""
    return policies.load(ROOT / "policy/gitlab.yaml")


def of_rule(rule: Rule) -> Mark:
    """Return the mark of a rule; a rule this module does not know is a pseudonym: never typed, never shown as clear."""
    if isinstance(rule, Allow | Truncate) or rule in ("allow", "time"):
        return Mark.CLEAR
    if rule == "erase":
        return Mark.ERASED
    if isinstance(rule, Pseudonymize):
        return Mark.PSEUDONYM
    if rule in ("by_schema", "by_schema.base64"):
        return Mark.NESTED
    if rule.partition(".")[0] == "url":
        return Mark.URL
    if rule.partition(".")[0] == "schema_key":
        return Mark.SCHEMA
    return Mark.PSEUDONYM


def of_column(name: str) -> Mark:
    """Return the mark of one of the 131 columns."""
    return of_rule(policy().columns[name])


def links(rule: Rule) -> bool:
    """Return whether a rule's pseudonym follows a person or a device."""
    return isinstance(rule, Pseudonymize) and rule.pseudonymize in _LINKING


@cache
def linking_columns() -> frozenset[str]:
    """Return the columns whose pseudonym follows a person or a device."""
    return frozenset(column.name for column in COLUMNS if links(policy().columns[column.name]))


def rules_of(key: SchemaKey) -> Rules | None:
    """Return the rules of a schema's properties, or None when the policy does not name the schema."""
    return next((rules for criterion, rules in policy().schemas.items() if criterion.matches(key)), None)


def of_property(rules: Rules, name: str) -> Mark:
    """Return the mark of a top-level property; a property that holds others is nested when a rule names one of them."""
    if name in rules:
        return of_rule(rules[name])
    return Mark.NESTED if _below(rules, name) else Mark.PSEUDONYM


def property_links(rules: Rules, name: str) -> bool:
    """Return whether a top-level property, or one below it, follows a person or a device."""
    own = [rules[name]] if name in rules else []
    return any(links(rule) for rule in (*own, *_below(rules, name)))


def _below(rules: Rules, name: str) -> list[Rule]:
    return [rule for path, rule in rules.items() if path.startswith((f"{name}.", f"{name}["))]
