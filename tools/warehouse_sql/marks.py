"""What a reader of the warehouse finds in a column: what the policy does with it, in one word.

The word stands in each column's comment, decides its SQL type, and decides who may read it (`warehouse/roles.yaml`).
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lambda_src.pseudonymizer.policy import policy as policies
from lambda_src.pseudonymizer.policy.policy import Allow, Truncate

if TYPE_CHECKING:
    from lambda_src.pseudonymizer.policy.policy import Rule, Rules
    from wire.self_describing import SchemaKey

ROOT = Path(__file__).parent.parent.parent

# Columns whose pseudonym follows one person or one device over events.
LINKING = frozenset({
    "user_id", "user_ipaddress", "user_fingerprint", "domain_userid", "network_userid", "domain_sessionid",
    "refr_domain_userid",
})  # fmt: skip


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
    if isinstance(rule, Allow | Truncate) or rule == "allow":
        return Mark.CLEAR
    if rule == "erase":
        return Mark.ERASED
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


def rules_of(key: SchemaKey) -> Rules | None:
    """Return the rules of a schema's properties, or None when the policy does not name the schema."""
    return next((rules for criterion, rules in policy().schemas.items() if criterion.matches(key)), None)


def of_property(rules: Rules, name: str) -> Mark:
    """Return the mark of a top-level property; a property that holds others is nested when a rule names one of them."""
    if name in rules:
        return of_rule(rules[name])
    if any(path.startswith((f"{name}.", f"{name}[")) for path in rules):
        return Mark.NESTED
    return Mark.PSEUDONYM
