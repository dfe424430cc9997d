"""Links and paths in documents lead somewhere, and what names a document names one that exists."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.unit.docs.repository import ROOT, text_files

DOCUMENTS = sorted(
    path for path in text_files() if path.endswith(".md") and not path.startswith(("tests/", ".snowveil/", "build/"))
)
LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
FOLDERS = "|".join(sorted({path.split("/")[0] for path in text_files() if "/" in path}))
# Files that a reader makes, as examples name them.
EXAMPLE = re.compile(r"^build/|com\.acme|approved-destroys\.yaml$")
PATH = re.compile(rf"`((?:{FOLDERS})/[\w./-]+)`")


@cache
def _anchors(document: Path) -> frozenset[str]:
    """Return the anchors of the document's headings, as GitLab and GitHub make them."""
    headings = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", document.read_text()), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_a_document_resolve(document: str) -> None:
    wrong = []
    for link in LINK.findall(FENCE.sub("", text_files()[document])):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (ROOT / document).parent / target if target else ROOT / document
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            wrong.append(link)

    assert not wrong, f"{document} has links that lead nowhere"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_in_documents_exist(document: str) -> None:
    named = PATH.findall(FENCE.sub("", text_files()[document]))

    wrong = [path for path in named if not (ROOT / path).exists() and not EXAMPLE.search(path)]
    assert not wrong, f"{document} names files that do not exist"
