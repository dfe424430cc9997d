"""Policies for these tests: the shipped one with lines replaced, read as the tool reads a file."""

import re

from scripts.policy_review import document, identifying
from scripts.policy_review.diff import Change, Side, changes
from scripts.policy_review.document import ROOT, Document

NAME = "policy/gitlab.yaml"
TEXT = (ROOT / NAME).read_text("utf-8")
EVENTS = (ROOT / "tests/fixtures/events.txt").read_bytes()
IDENTIFYING = identifying.load()
STANDARD = "iglu:com.gitlab/gitlab_standard/jsonschema/1-*-*"
BADROW = "iglu:com.snowplowanalytics.snowplow.badrows/schema_violations/jsonschema/2-0-0"


def edited(*edits: tuple[str, str], text: str = TEXT) -> str:
    """Replace each line that begins with the first of a pair (indentation aside, the first such) by the second.

    The second keeps the indentation; empty, it removes the line. Ending in a colon, the first stands for its block.
    """
    for old, new in edits:
        inside = r"(?:\1 +.*\n)*" if old.endswith(":") else ""
        pattern = re.compile(rf"^( *){re.escape(old)}.*\n{inside}", re.MULTILINE)
        match = pattern.search(text)
        assert match is not None, old
        replacement = f"{match[1]}{new}\n" if new else ""
        text = text[: match.start()] + replacement + text[match.end() :]
    return text


def line_of(text: str, begin: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if line.strip().startswith(begin))


def parsed(text: str) -> Document:
    return document.parse(NAME, text)


def side(text: str) -> Side:
    read = parsed(text)
    return Side(read, document.load(read))


def compared(old: str, new: str) -> list[Change]:
    return changes(side(old), side(new), IDENTIFYING)
