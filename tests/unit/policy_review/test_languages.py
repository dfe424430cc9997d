import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.pseudonymizer.policy.policy import Vocabulary
from scripts.policy_review.languages import Difference, admits, automaton, only_in

NO_DIFFERENCE = Difference(exists=False)


def pattern(text: str) -> Vocabulary:
    return Vocabulary(pattern=text)


def values(*texts: str) -> Vocabulary:
    return Vocabulary(values=frozenset(texts))


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("[a-z]+", "[a-z0-9]+"),
        ("[0-9]{1,3}", "[0-9]{1,5}"),
        ("a|b", "[a-c]"),
        ("[-_.@]x", "[-_.@/]x"),
        ("a(b)?", "a(b|c)?"),
        ("[^ab]", "[^a]"),
        (r"a\.b", r"a[.,]b"),
    ],
)
def test_a_wider_pattern_is_told_with_an_example_and_a_narrower_one_too(narrow: str, wide: str) -> None:
    found = only_in(pattern(wide), pattern(narrow))
    assert found.exists
    assert admits(pattern(wide), found.examples[0])
    assert not admits(pattern(narrow), found.examples[0])
    assert not only_in(pattern(narrow), pattern(wide)).exists


@pytest.mark.parametrize("text", ["a.", "^a", "(?i)a", "(?=a)a", "a++", r"\w", r"\bab", "[[:alpha:]]", "("])
def test_what_cannot_be_compared_counts_as_wider_and_narrower(text: str) -> None:
    assert only_in(pattern(text), pattern("a")) == only_in(pattern("a"), pattern(text)) == Difference(exists=True)


def test_patterns_that_admit_the_same_do_not_differ() -> None:
    assert only_in(pattern("a|b"), pattern("[ab]")) == only_in(pattern("[ab]"), pattern("a|b")) == NO_DIFFERENCE


def test_values_are_compared_one_by_one() -> None:
    assert only_in(values("a", "b", "c"), values("b")) == Difference(exists=True, examples=("a", "c"), is_all=True)
    assert not only_in(values("b"), values("a", "b")).exists
    assert only_in(values("a", "1"), pattern("[a-z]")) == Difference(exists=True, examples=("1",), is_all=True)
    assert only_in(pattern("[a-z]"), values("a")).exists


_ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", "[0-9]", r"\.", "[a-c.-]", "-"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{1,2}", "{2}"])).map(lambda pair: f"({pair[0]}){pair[1]}"),
    ),
    max_leaves=6,
)


@given(_PATTERNS, st.text("ab1.-\u00e9", max_size=6))
def test_the_automaton_accepts_what_re_matches(text: str, sample: str) -> None:
    made = automaton(text)
    assert made is not None
    assert made.accepts(sample) == (re.fullmatch(text, sample, re.ASCII) is not None)


@given(_PATTERNS, _PATTERNS)
def test_an_example_is_admitted_by_one_and_not_by_the_other(one: str, other: str) -> None:
    for example in only_in(pattern(one), pattern(other)).examples:
        assert admits(pattern(one), example)
        assert not admits(pattern(other), example)
