"""The rules of a policy one by one, as they stand in the file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from lambda_src.pseudonymizer.policy.policy import Pseudonymize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.policy_review.document import YamlPath


def rules_by_path(contents: Any) -> Iterator[tuple[YamlPath, object]]:
    """Yield every rule of a policy that fulfils `policy/schema.json`, with the path at which it stands."""
    for section in ("columns", "headers", "parameters", "old_failed_event"):
        for name, rule in contents[section].items():
            yield (section, name), rule
    for name, rule in contents["urls"]["query"].items():
        yield ("urls", "query", name), rule
    for criterion, properties in contents["schemas"].items():
        for prop, rule in properties.items():
            yield ("schemas", criterion, prop), rule


def is_hidden(rule: object) -> bool:
    """Return whether nothing of a value is shown; of a rule as it stands in the file, or as it was read."""
    if isinstance(rule, Pseudonymize):
        return True
    return rule in ("pseudonymize", "erase") or (isinstance(rule, dict) and "pseudonymize" in rule)


def is_pseudonymized(rule: object) -> bool:
    """Return whether every value is shown as a pseudonym."""
    return rule == "pseudonymize" or (isinstance(rule, dict) and "pseudonymize" in rule)


def domains_of(rule: object) -> Iterator[str]:
    """Yield the domains that a rule names."""
    if isinstance(rule, dict):
        if isinstance(rule.get("pseudonymize"), str):
            yield rule["pseudonymize"]
        yield from domains_of(rule.get("otherwise"))


def expiry(rule: object) -> date | None:
    """Return the day until which a rule shows something, None where it says none."""
    text = rule.get("expires") if isinstance(rule, dict) else None
    return date.fromisoformat(str(text)) if text else None


def because(rule: object) -> str | None:
    """Return the author's reason to show what identifies a person, None where there is none."""
    text = rule.get("because") if isinstance(rule, dict) else None
    return text.strip() or None if isinstance(text, str) else None
