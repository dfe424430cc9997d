"""Java's regular expressions find what they find in Java (each table was checked by running Java 17)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft4Validator

from services.enricher.text import character_sets as sets
from services.enricher.text.java_regex import InvalidError, UntranslatableError, to_ecma


def finds(pattern: str, text: str) -> bool:
    return Draft4Validator({"pattern": to_ecma(pattern)}).is_valid(text)


@pytest.mark.contract("C.10 validation/patterns")
@pytest.mark.parametrize(
    ("pattern", "found", "missed"),
    [
        ("(?i)^ab$", ["AB", "aB\n"], ["abc", "\u017fb"]), (r"\Aab\z", ["ab"], ["ab\n", "xab"]), (r"\Aab\Z", ["ab\r\n"],
        ["ab\n\n"]),
        (r"^\Qa.b[\E+$", ["a.b[", "a.b[["], ["axb["]), ("^a*+a", [], ["aaa"]), ("^a*b", ["aaab"], ["ac"]),
        ("^(?>a|ab)c", ["ac"], ["abc"]), ("^[a-z&&[^bc]]$", ["a", "d"], ["b", "1"]), ("^[a[1-3]]$", ["2", "a"],
        ["4", "b"]),
        (r"^\s$", [" ", "\x0b"], ["\xa0", "\u2028", "\ufeff"]), (r"^\p{Alpha}$", ["a"], ["ä"]), (r"^\p{L}$", ["ä",
        "a"], ["1"]),
        ("^.$", ["a", "😀", "a\n"], ["\n", "\r", "\x85", "\u2028"]), ("(?s)^.$", ["\n", "\r"], ["ab"]),
        ("^a$", ["a", "a\n", "a\r\n", "a\u2028"], ["a\n\n", "a\n\r", "ab"]), ("a\r$", ["a\r"], ["a\r\n"]),
        ("(?m)^b$", ["a\nb\nc", "a\r\nb"], ["ab"]), (r"\bä", ["ä", " ä"], ["aä"]), (r"^\d$", ["1"], ["\u0661"]),
        (r"^(a+)-\1$", ["aa-aa"], ["aa-a"]), (r"^(?<n>a)\k<n>$", ["aa"], ["a"]), (r"^(a)(?>b)(c)\2$", ["abcc"],
        ["abca"]),
        ("(?x) ^ a b # comment\n $", ["ab"], ["a b"]), (r"^\x41\u0042\x{1F600}\t$", ["AB😀\t"], ["AB"]),
        ("^[]a]$", ["]"], ["b"]),
        (r"^\h\v$", ["\xa0\n"], ["a\n"]), (r"^\R$", ["\r\n", "\u2029"], ["a"]), ("^a{2,3}$", ["aa", "aaa"], ["a",
        "aaaa"]),
        ("a|^b$", ["xa", "b"], ["xb"]), (r"^[\w&&[^\d]]+$", ["a_"], ["a1"]), (r"(?i)^[a-c]$", ["B"], ["d"]),
        ("^a(?!b)", ["ac"], ["ab"]),
        ("(?=a){2}", ["a"], ["b"]), ("(?!a)?b", ["b"], ["a"]), ("^(?i:A)b$", ["ab"], ["aB"]),
    ],
)  # fmt: skip
def test_a_pattern_finds_what_java_finds(pattern: str, found: list[str], missed: list[str]) -> None:
    assert [text for text in (*found, *missed) if finds(pattern, text)] == found


@pytest.mark.parametrize(
    ("pattern", "named"),
    [(r"\X", r"\X"), ("(?u)a", "(?u) and (?U)"), (r"\p{IsGreek}", r"\p{IsGreek}"), (r"\p{javaLowerCase}", "java"),
     (r"\1(a)", "later group"), (r"(?i)(a)\1", "back reference"), ("(" * 5000 + ")" * 5000, "nested")],
)  # fmt: skip
def test_the_error_names_what_cannot_be_translated(pattern: str, named: str) -> None:
    with pytest.raises(UntranslatableError, match=re.escape(named)):
        to_ecma(pattern)


@pytest.mark.parametrize("pattern", ["[", "(", ")", "*a", "a{2,1}", r"\y", "[b-a]", "(?<1>a)", r"\x", "a{", r"\p{L"])
def test_a_pattern_that_java_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidError):
        to_ecma(pattern)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.text(max_size=12))
def test_a_quoted_text_matches_literally(quoted: str, text: str) -> None:
    if r"\E" not in quoted:
        text = text.encode(errors="replace").decode()
        assert finds(rf"\Q{quoted}\E", text) is (quoted in text)
        assert finds(rf"\A\Q{quoted}\E\z", text) is (quoted == text)


@given(st.text("ab.*+?()[]{}|^$\\dwsQEpLix&-,1 :=!<>", max_size=12), st.text("ab1 \n", max_size=6))
def test_any_text_is_translated_or_refused(pattern: str, text: str) -> None:
    try:
        translated = to_ecma(pattern)
    except (InvalidError, UntranslatableError):
        return
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    plain = not re.search(r"\$|\\[wsdpQE]|\(\?|\[|\\[^wsdpQEx]|[*+?}][+]|\{,", pattern)
    if plain:
        assert Draft4Validator({"pattern": translated}).is_valid(text) is (compiled.search(text) is not None)


ranges = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted), max_size=4)


@given(ranges, ranges, st.integers(0, 300))
def test_sets_of_characters_are_combined_as_ranges(one: list[list[int]], other: list[list[int]], code: int) -> None:
    left, right = (sets.of(*((first, last) for first, last in each)) for each in (one, other))

    def has(members: sets.Ranges) -> bool:
        return any(first <= code <= last for first, last in members)

    assert has(sets.union(left, right)) is (has(left) or has(right))
    assert has(sets.intersection(left, right)) is (has(left) and has(right))
    assert has(sets.inverse(left)) is not has(left)
