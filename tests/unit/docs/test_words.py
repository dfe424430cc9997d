"""Words that make a reader stop: inversions and private words that once filled this repository do not return.

The list is short on purpose. Each has a plain form beside it; an English-speaking engineer would not write the first.
"""

import re

import pytest

from tests.unit.docs.repository import text_files

# What is not written, and how it is written.
BANNED = {
    r"(?<!here )\b(?:is|are|was|were) no (?!longer\b|more\b|other\b|way\b)[A-Za-z`]": "is not JSON, is not a URL",
    r"\bTells? whether\b": "Return whether …",
    r"\b(?:is|are|was|were|be|been) told\b(?! to\b| apart\b)": "is notified of, is given, is reported",
    r"\b(?:becomes?|became) of\b": "the output of, the result of",
    r"\bin vain\b": "not found, without an answer",
    r"\bbe it\b": "even, also",
    r"\bregistry (?:that )?is away\b": "the registry is unreachable",
    r"\banother number of\b": "the wrong number of",
    r"\b(?:stands|stood) twice\b": "occurs twice",
}
FOLDERS = (
    "wire/", "services/", "lambda_src/", "scripts/", "tools/", "tests/", "modules/", "terraform/", "environments/",
    "policy/", "docs/", "localstack/", "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "Makefile",
)  # fmt: skip
ENDINGS = (".py", ".md", ".tf", ".hcl", ".yaml", ".sql", ".tfvars", "Makefile")
THIS = "tests/unit/docs/test_words.py"
# Tests of tools that read tests: the names stand in a text.
NAMED_IN_TEXTS = ("tests/unit/tools/test_skipped_tests.py",)
RECORDED = ("tests/fixtures/golden/",)  # texts of other programs


@pytest.mark.parametrize("pattern", BANNED)
def test_plain_words_are_used(pattern: str) -> None:
    expression = re.compile(pattern)
    found = [
        f"{path}:{text.count('\n', 0, match.start()) + 1}: {match[0]}"
        for path, text in text_files().items()
        if path.startswith(FOLDERS) and path.endswith(ENDINGS) and not path.startswith((*RECORDED, THIS))
        for match in expression.finditer(text)
    ]

    assert not found, f"write: {BANNED[pattern]}"


@pytest.mark.parametrize("text", ["what is no JSON", "it is no longer there and is no bug", "Tell whether it is"])
def test_the_patterns_find_what_they_are_for(text: str) -> None:
    assert any(re.search(pattern, text) for pattern in BANNED)


@pytest.mark.parametrize("text", ["There is no schema", "is no longer used", "serve until told to stop", "not JSON"])
def test_plain_english_passes(text: str) -> None:
    assert not any(re.search(pattern, text) for pattern in BANNED)


def test_names_of_tests_say_behaviour() -> None:
    found = [
        f"{path}: {name}"
        for path, text in text_files().items()
        if path.startswith("tests/") and path.endswith(".py") and path not in (THIS, *NAMED_IN_TEXTS)
        for name in re.findall(r"^def (test_[a-z0-9]+(?:_[a-z0-9]+)?)\(", text, re.MULTILINE)
    ]

    assert not found, "say what is shown, as in test_bug_in_one_record_fails_only_that_record"
