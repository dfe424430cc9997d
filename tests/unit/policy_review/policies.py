"""Policies for these tests: the shipped one with lines replaced, read as the tool reads a file."""

import re

from scripts.policy_review import document, identifying
from scripts.policy_review.diff import Change, Side, changes
from scripts.policy_review.document import ROOT, Document

NAME = "policy/gitlab.yaml"
# With two patterns of a kind that the shipped one needs no more.
PATTERNS = """
  letters: {pattern: "[A-Z]{2}"}
  amount: {pattern: "[0-9]{1,8}"}
"""
TEXT = (
    (ROOT / NAME)
    .read_text("utf-8")
    .replace("\nvocabularies:\n", f"\nvocabularies:{PATTERNS}", 1)
    .replace("geo_country: {allow: country}", "geo_country: {allow: letters}", 1)
)
LISTS = (ROOT / "policy/gitlab-vocabulary.json").read_text("utf-8")
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
    return document.parse(NAME, text, LISTS)


def side(text: str | Document) -> Side:
    read = parsed(text) if isinstance(text, str) else text
    return Side(read, document.load(read))


def compared(old: str | Document, new: str | Document) -> list[Change]:
    return changes(side(old), side(new), IDENTIFYING)
