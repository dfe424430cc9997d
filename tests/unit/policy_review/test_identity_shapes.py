"""The checker thinks of names itself: no rule may be opened to what identifies somebody without a reason."""

import re

import pytest

from lambda_src.pseudonymizer.policy.policy import Vocabulary
from scripts.policy_review.check import problems
from scripts.policy_review.identity_shapes import SHAPES, admitted
from tests.unit.policy_review.policies import IDENTIFYING, TEXT, edited, parsed

OPEN = ".+"
IDENTITIES = [
    *("alice@example.com", "claude_alice@example.com", "alice_smith", "Alice Smith", "alice/secretproject"),
    *("tel_06_12_34_56_78", "203.0.113", "192.0.2.7", "52.52001", "11979729", "078-05-1120", "AA:BB:CC:DD:EE:FF"),
    *("d41d8cd98f00b204e9800998ecf8427e", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "+4915112345678", "tom_JAnes"),
]


def found(text: str) -> list[str]:
    return [str(problem) for problem in problems(parsed(text), IDENTIFYING)]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.what)
def test_each_example_has_its_shape(shape) -> None:  # type: ignore[no-untyped-def] # one of SHAPES
    assert [each for each in shape.examples if re.fullmatch(shape.pattern, each, re.ASCII) is None] == []


@pytest.mark.parametrize("text", IDENTITIES)
def test_a_pattern_that_admits_it_is_noticed(text: str) -> None:
    opened = re.sub("[0-9]+", "[0-9]+", re.sub("[a-z]+", "[a-z]+", re.escape(text).replace("\\-", "-")))
    assert admitted(Vocabulary(pattern=opened)) is not None


@pytest.mark.parametrize("pattern", [".+", "[a-z]+", "[A-Za-z_]{1,30}", "\\S*", "[0-9.]{1,20}", "(?s).*", "[^ ]{5,40}"])
def test_an_open_pattern_admits_an_identity(pattern: str) -> None:
    assert admitted(Vocabulary(pattern=pattern)) is not None


@pytest.mark.parametrize(
    "pattern", ["[0-9]{1,4}", "js-[0-9][.][0-9]{1,2}[.][0-9]{1,2}", "[a-z]{2}(-[A-Z]{2})?", "on|no"]
)
def test_a_bounded_pattern_admits_none(pattern: str) -> None:
    assert admitted(Vocabulary(pattern=pattern)) is None


def test_the_shortest_identity_is_shown() -> None:
    assert admitted(Vocabulary(pattern="[0-9]{3,12}")) == ("00000", "a user id or telephone number")


def test_values_are_tried_one_by_one() -> None:
    assert admitted(Vocabulary(values=frozenset({"click_button", "alice@example.com"}))) is not None
    assert (
        admitted(Vocabulary(values=frozenset({"click_button", "claude-haiku-4-5@20251001", "code-bison@002"}))) is None
    )


def test_every_rule_that_is_opened_is_reported() -> None:
    """Columns, properties, parts of URLs, headers, parameters: one pattern for all that can have one."""
    hidden_or_listed = r"(?m)^(  +\S+): (?:pseudonymize|\{pseudonymize: [a-z]+\}|\{allow: [a-z_]+\})$"
    opened = re.sub(hidden_or_listed, rf'\1: {{allow: {{pattern: "{OPEN}"}}}}', TEXT)
    rules = opened.count(OPEN)
    assert rules > 250
    reported = [problem for problem in found(opened) if "would show" in problem]
    # One block of rules stands for two schemas.
    assert len([each for each in reported if "billable_usage" not in each]) >= rules


def test_a_because_accepts_one() -> None:
    rule = 'tr_affiliation: {allow: {pattern: "[a-z]{1,9}"}'
    assert any(
        "columns.tr_affiliation: would show" in problem
        for problem in found(edited(("tr_affiliation: pse", f"{rule}}}")))
    )
    assert found(edited(("tr_affiliation: pse", f"{rule}, because: our own operators write it}}"))) == []
