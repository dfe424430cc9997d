"""Documents, and parts of them between two marks, that are made from the policy and compared by a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.policy_review import dictionary, document, domains_table, identifying, usefulness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lambda_src.pseudonymizer.policy.policy import Policy
    from scripts.policy_review.document import Document

DOCS = document.ROOT / "docs"
BEGIN, END = "<!-- {}: made by `python -m scripts.policy document` -->", "<!-- {}: end -->"


def documents(policy: Document, loaded: Policy) -> Iterator[tuple[Path, str]]:
    """Yield each document with what it should say."""
    file = DOCS / "policy.md"
    text = replaced(file.read_text("utf-8"), "domains", domains_table.lines(policy, loaded))
    yield file, replaced(text, "usefulness", usefulness.lines(loaded))
    yield DOCS / "data-dictionary.md", "\n".join([*dictionary.lines(policy, identifying.load()), ""])


def replaced(text: str, part: str, lines: Iterable[str]) -> str:
    """Return `text` with other lines in its part of that name. Raises ValueError where the marks are missing."""
    begin, end = BEGIN.format(part), END.format(part)
    before, marked, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not marked or not ended:
        raise ValueError(f"the marks of the part {part} are missing: {begin} … {end}")
    return "\n".join([before + begin, "", *lines, "", end + after])
