"""Documents that code and documents name exist."""

import re

from tests.unit.docs.repository import ROOT, text_files

DOCUMENT = re.compile(r"(?<![\w/.-])docs/[\w./-]+\.(?:md|png|svg)\b")


def test_documents_that_code_names_exist() -> None:
    wrong = [
        f"{path}: {name}"
        for path, text in text_files().items()
        if not path.startswith("tests/unit/docs/")
        for name in DOCUMENT.findall(text)
        if not (ROOT / name).exists()
    ]

    assert not wrong, "these documents are named and do not exist"
