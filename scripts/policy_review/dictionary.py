"""The public dictionary, made from the policy: what is collected, how it is treated, why, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.policy_review.rules import because, domains_of, expiry, is_hidden, rules_by_path
from scripts.policy_review.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.policy_review.document import Document
    from scripts.policy_review.identifying import Identifying

_TITLES = {
    "columns": "Columns of events",
    "urls": "Query parameters of URLs",
    "headers": "Request headers, in failed events",
    "parameters": "Tracker parameters, in failed events",
    "old_failed_event": "Failed events of the years before schemas",
}
_PARTS = {"url": "part by part", "schema_key": "known names", "by_schema": "by its schema"}


def lines(policy: Document, identifying: Identifying) -> Iterator[str]:
    """Yield the lines of a Markdown document."""
    yield "# What is collected and how it is treated"
    yield ""
    yield "Made from `policy/gitlab.yaml` by `python -m scripts.policy document`. What is not listed here becomes"
    yield "a pseudonym, or erased where a pseudonym would not fit or could be guessed: [policy.md](policy.md)."
    title = ""
    for path, rule in rules_by_path(policy.contents):
        section = _TITLES.get(path[0]) or f"`{path[1]}`"
        if section != title:
            title = section
            yield from (
                "",
                f"## {title}",
                "",
                "| attribute | treatment | identifies | why it is shown, owner, until |",
                "|---|---|---|---|",
            )
        yield f"| `{path[-1]}` | {_treatment(rule)} | {identifying.reason(path) or ''} | {_why(rule)} |"


def _treatment(rule: object) -> str:
    if rule == "erase":
        return "erased"
    if is_hidden(rule):
        return f"pseudonym, domain {next(domains_of(rule), 'text')}"
    if isinstance(rule, dict) and "truncate" in rule:
        return f"shown coarsely: {rule['truncate']}"
    if isinstance(rule, dict):
        named = rule["allow"]
        return f"shown if it is of the list {named}" if isinstance(named, str) else "shown if it is of a list"
    return f"shown {_PARTS.get(str(rule).partition('.')[0], 'where its form is known')}"


def _why(rule: object) -> str:
    if not isinstance(rule, dict):
        return ""
    until = f"until {expiry(rule)}" if expiry(rule) else ""
    return listed([each for each in (because(rule) or rule.get("purpose"), rule.get("owner"), until) if each] or [""])
