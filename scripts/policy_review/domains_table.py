"""The table of domains and their members, as docs/policy.md shows it: made from the policy, never written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambda_src.pseudonymizer.policy.domains import HOST, NAME, PAGE, TEXT
from scripts.policy_review.rules import domains_of, rules_by_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_src.pseudonymizer.policy.policy import Policy
    from scripts.policy_review.document import Document, YamlPath

_WITHOUT_A_RULE = {
    TEXT: "every value without a rule or domain, and what a vocabulary does not admit",
    PAGE: "path segments, fragments, user information, unlisted parameters; texts where a URL should be",
    HOST: "hosts of URLs and in columns and headers of their own, in lower case",
    NAME: "names of properties, parameters and schemas that the policy does not know",
}
_WRITTEN_BY = {
    "identity": "a sender, in attributes of this identity only",
    "text": "a sender, freely",
    "derived": "the enricher alone",
}


def lines(policy: Document, loaded: Policy) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    members: dict[str, list[str]] = {name: [] for name in loaded.domains}
    for path, rule in rules_by_path(policy.contents):
        for domain in domains_of(rule):
            members[domain].append(_member(path))
    yield "| domain | a member is | written by | attributes |"
    yield "|---|---|---|---|"
    for name, kind in loaded.domains.items():
        texts = [f"`{each}`" for each in dict.fromkeys(members[name]) if name != TEXT]
        texts += [_WITHOUT_A_RULE[name]] if name in _WITHOUT_A_RULE else []
        yield f"| `{name}` | {kind.means} | {_WRITTEN_BY[kind.holds]} | {', '.join(texts)} |"


def _member(path: YamlPath) -> str:
    match path:
        case ("columns", name):
            return name
        case ("urls", "query", name):
            return f"?{name}="
        case ("headers", name):
            return f"{name}:"
        case ("schemas", criterion, prop):
            return f"{criterion.split('/')[1]} {prop}"
    return path[-1]
