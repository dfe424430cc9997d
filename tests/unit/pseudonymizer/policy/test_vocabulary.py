"""The short cuts on the way to an answer: what was met before, and integers that never become text."""

import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.policy import policy, vocabulary
from lambda_src.pseudonymizer.policy.policy import Vocabulary
from lambda_src.pseudonymizer.transform.actions import Allow, Counts
from tests.unit.pseudonymizer.samples import POLICY_FILE

PATTERNS = sorted(each.pattern for each in policy.load(POLICY_FILE).vocabularies.values() if each.pattern)
NEAR_POWERS = st.builds(lambda power, less: 10**power - less, st.integers(0, 20), st.integers(-2, 2))


@given(st.sampled_from(PATTERNS), st.integers() | NEAR_POWERS | NEAR_POWERS.map(lambda number: -number))
def test_an_integer_is_shown_only_when_its_text_is_in_the_vocabulary(pattern: str, number: int) -> None:
    if number in vocabulary.integers(Vocabulary(pattern=pattern)):
        assert re.fullmatch(pattern, str(number), re.ASCII)


@pytest.mark.parametrize(
    ("pattern", "first", "last"),
    [
        ("[0-9]{1,3}", 0, 999),
        ("-?[0-9]{1,3}", -999, 999),
        ("0|1[0-9]{2}", 100, 199),
        ("-?2[0-9]{2}", 200, 299),
    ],
)
def test_patterns_of_one_run_of_digits_are_read(pattern: str, first: int, last: int) -> None:
    shown = vocabulary.integers(Vocabulary(pattern=pattern))
    assert (shown[0], shown[-1]) == (first, last)


@pytest.mark.parametrize("pattern", ["[0-9]{2}", "[0-9]{1,3}x", "0[0-9]{2}", "[a-z]{1,3}", "[0-9]{1,3}|a", "[0-9]*"])
def test_other_patterns_are_asked_for_each_text(pattern: str) -> None:
    assert len(vocabulary.integers(Vocabulary(pattern=pattern))) == 0


def test_what_is_no_member_is_not_remembered_and_members_only_up_to_a_number() -> None:
    is_member = vocabulary.membership(Vocabulary(pattern="[a-z]+[0-9]*"), recurring=True)
    remembered = cast("dict[str, bool]", getattr(is_member, "__self__"))  # noqa: B009 - mypy knows no owner of it
    for _ in range(2):
        assert [bool(is_member(text)) for text in ("gitlab", "alice@example.com", "a" * 129)] == [True, False, False]
    assert remembered == {"gitlab": True}
    for number in range(2000):
        assert is_member(f"a{number}")
        assert not is_member(f"alice@{number}")
    assert len(remembered) < 1000
    assert all(re.fullmatch("[a-z]+[0-9]*", text) for text in remembered)


@given(
    st.sampled_from([Vocabulary(pattern="[a-z]*"), Vocabulary(values=frozenset({"a", "b", ""}))]),
    st.lists(st.sampled_from(["a", "b", "", "A"]), min_size=1),
)
def test_a_column_is_shown_when_each_of_its_texts_is_and_none_is_empty(rule: Vocabulary, texts: list[str]) -> None:
    is_member = vocabulary.membership(rule, recurring=True)
    shown = vocabulary.column_membership(rule, recurring=True)(texts)
    assert shown == all(text and is_member(text) for text in texts)


@pytest.mark.parametrize("rule", [Vocabulary(pattern="[a-z]*"), Vocabulary(values=frozenset({"a", "1", "true"}))])
@pytest.mark.parametrize("value", [None, 1, True, [], {}, ["a"]])
def test_a_column_that_is_not_all_text_is_not_shown(rule: Vocabulary, value: object) -> None:
    allow = Allow(
        vocabulary.membership(rule, recurring=True),
        vocabulary.column_membership(rule, recurring=True),
        lambda _: None,
        Counts(),
    )
    assert not allow.shows_column(["a", value])
    assert allow.counts.allowed == 0
    assert allow.shows_column(["a", "a"])
    assert allow.counts.allowed == 2
