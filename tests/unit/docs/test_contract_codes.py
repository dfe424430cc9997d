"""Codes of the wire contract ("C.12"): each leads to a section, and prose names its title and the page."""

import re

import msgspec
import pytest

from tests.unit.docs.repository import DOCS, ROOT, text_files

PAGE = "docs/reference/wire-contract.md"
TITLES = dict(
    re.findall(r"^## ([A-J](?:\.\d+)?)\.? (.+)$", (DOCS / "reference/wire-contract.md").read_text(), re.MULTILINE)
)
ROOMS = ("wire/", "services/", "lambda_src/", "scripts/", "tools/", "tests/", "modules/", "terraform/", "policy/")
OWN_EXAMPLES = ("tests/unit/docs/", "tests/unit/conformance/")  # tests of codes: theirs are invented
MARKER = re.compile(r"\bcontract\(([^)]*)\)")
CITED = re.compile(r"(?<![\w.\"'])([A-F]\.\d{1,2})(?![\d/]|\.\d)")


def _cited() -> list[tuple[str, str, str]]:
    """Return path, code and the text after it of every citation in code and comments."""
    return [
        (path, found[1], " ".join(re.sub(r"\n\s*#?", " ", text[found.end() : found.end() + 80]).split()))
        for path, text in text_files().items()
        if path.startswith(ROOMS)
        and not path.startswith(OWN_EXAMPLES)
        and path.endswith((".py", ".tf", ".sql", ".toml"))
        for found in CITED.finditer(text)
    ]


@pytest.mark.parametrize("service", ["collector", "enricher"])
def test_each_section_with_rows_is_on_the_page(service: str) -> None:
    contract = msgspec.yaml.decode((ROOT / f"tests/contract/{service}/contract.yaml").read_bytes())

    missing = [section for section in contract if section.split()[0] not in TITLES]
    assert not missing, f"{PAGE} has no heading for these sections of tests/contract/{service}/contract.yaml"


def test_each_marker_names_a_section_of_the_page() -> None:
    wrong = [
        f"{path}: {code}"
        for path, text in text_files().items()
        if path.startswith("tests/") and not path.startswith(OWN_EXAMPLES)
        for marker in MARKER.findall(text)
        for code in re.findall(r"[\"']([A-J](?:\.\d+)?)\b[^\"'/]*/", marker)
        if code not in TITLES
    ]

    assert not wrong, f"{PAGE} has no heading for these codes"


def test_prose_names_title_and_page_of_a_code() -> None:
    texts = text_files()
    wrong = [
        f"{path}: {code} {after[:40]}"
        for path, code, after in _cited()
        if not after.startswith(TITLES.get(code, "(no such section)")) or PAGE not in texts[path]
    ]

    assert not wrong, f"write a code as it is headed in {PAGE}, and name that page, for example: C.12 Enrichments"


def test_citations_are_found_at_all() -> None:
    assert len(_cited()) > 25, "the pattern of citations no longer matches how code cites the contract"
