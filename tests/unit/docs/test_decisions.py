"""The decision records: one form, numbers without gaps, an index that lists each, and references that name a file."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.unit.docs.repository import DOCS, text_files

RECORDS = sorted((DOCS / "adr").glob("[0-9]*.md"))
FORM = re.compile(
    r"# (?P<number>\d{1,4})\. (?P<title>\S.*)\n\n"
    r"Status: (?P<status>accepted|withdrawn|superseded by \d{4})\nDate: (?P<date>\d{4}-\d\d-\d\d)\n\n"
    r"## Context\n(?P<context>.+?)\n\n## Options\n(?P<options>.+?)\n\n## Decision\n(?P<decision>.+)",
    re.DOTALL,
)
REFERENCE = re.compile(r"\badr/(\d[\w.-]*)")
BARE_NUMBER = re.compile(r"\bADR (\d+)\b(?!\]\((?:\.\./|docs/)*adr/\1-)", re.IGNORECASE)


def test_numbers_have_no_gaps() -> None:
    assert [record.name[:4] for record in RECORDS] == [f"{number:04}" for number in range(1, len(RECORDS) + 1)], (
        "two records share a number or one is missing: a new record takes the next free number when it is pushed"
    )


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_record_has_the_form_of_the_index_page(record: Path) -> None:
    form = FORM.fullmatch(record.read_text())

    assert form, f"docs/adr/{record.name} does not have the form that docs/adr/README.md shows"
    assert int(form["number"]) == int(record.name[:4]), (
        f"the heading of docs/adr/{record.name} bears another number than its name"
    )
    date.fromisoformat(form["date"])


def test_index_lists_each_record_with_its_title_status_and_date() -> None:
    lines = [line for line in (DOCS / "adr/README.md").read_text().splitlines() if re.match(r"\| \[\d{4}\]", line)]

    expected = []
    for record in RECORDS:
        form = FORM.fullmatch(record.read_text())
        assert form, record.name
        expected.append(f"| [{record.name[:4]}]({record.name}) | {form['title']} | {form['status']} | {form['date']} |")
    assert lines == expected, "docs/adr/README.md does not list the records as they are"


def test_references_name_the_file_of_a_record() -> None:
    names = {record.name for record in RECORDS}
    wrong = [
        f"{path}: adr/{name}"
        for path, text in text_files().items()
        if path != "tests/unit/docs/test_decisions.py"
        for name in REFERENCE.findall(text)
        if name.rstrip(".") not in names
    ]

    assert not wrong, "write a record's whole file name, as in docs/adr/0005-fail-closed.md"


def test_references_by_bare_number_are_links() -> None:
    wrong = [
        f"{path}: ADR {number}"
        for path, text in text_files().items()
        if path != "tests/unit/docs/test_decisions.py"
        for number in BARE_NUMBER.findall(text)
    ]

    assert not wrong, "a bare number says nothing to a reader and is wrong after a renumbering: name the file"
