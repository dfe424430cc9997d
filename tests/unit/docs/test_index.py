"""The index leads to every document."""

import re

from tests.unit.docs.repository import DOCS, ROOT

LINK = re.compile(r"\]\(([^)\s#]+\.md)")


def test_index_leads_to_every_document() -> None:
    reached, waiting = set(), [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.exists():
            continue
        reached.add(page)
        waiting += [(page.parent / link).resolve() for link in LINK.findall(page.read_text())]

    lost = sorted(str(page.relative_to(ROOT)) for page in set(DOCS.rglob("*.md")) - reached)
    assert not lost, "docs/README.md does not lead to these pages: add a line there"
