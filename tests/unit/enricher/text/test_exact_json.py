from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.text import exact_json
from services.enricher.text.exact_json import ExactJsonError, dump, parse


@pytest.mark.timeout(5)
@pytest.mark.parametrize("text", ["[]" * 60 + '"' + '\\"' * 300_000, "[]" * 60 + '"\\' * 300_000, '"[' * 300_000])
def test_a_hostile_text_is_refused_in_linear_time(text: str) -> None:
    with pytest.raises(ExactJsonError):
        parse(text)


@pytest.mark.parametrize(("text", "value"), [("1.0", "1.0"), ("2", "2")])
def test_a_number_is_validated_as_one(text: str, value: str) -> None:
    assert str(parse(text).value) == value


@pytest.mark.contract("C.10 validation/numbers")
@pytest.mark.parametrize(
    ("text", "written", "as_big_decimal"),
    [
        ("-0", "-0", "0"), ("[-0,-0 , -0]", "[-0,-0,-0]", "[0,0,0]"),
        ('{"a":-0,"-0":":-0"}', '{"a":-0,"-0":":-0"}', '{"a":0,"-0":":-0"}'),
        ("-0.0", "-0.0", "0.0"), ("1e400", "1e400", "1E+400"), ("1.00", "1.00", "1.00"), ("12E00", "12E00", "12"),
        ('"\\"-0"', '"\\"-0"', '"\\"-0"'), ("[\n-0\t]", "[-0]", "[0]"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_it_came_or_as_a_big_decimal(text: str, written: str, as_big_decimal: str) -> None:
    for given_text in (text, text.encode()):
        assert dump(parse(given_text).exact) == written
    assert dump(exact_json.with_big_decimals(text)) == as_big_decimal


numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)


@given(st.lists(numbers, max_size=4), st.sampled_from(["", " ", "\n"]))
def test_any_number_keeps_its_text_and_only_plain_digits_are_an_integer(texts: list[str], blank: str) -> None:
    parsed = parse("[" + f",{blank}".join(texts) + "]")
    assert dump(parsed.exact) == f"[{','.join(texts)}]"
    assert isinstance(parsed.value, list)
    for text, value in zip(texts, parsed.value, strict=True):
        assert Decimal(str(value)) == Decimal(text)
        assert isinstance(value, int) is (text.lstrip("-").isdecimal() and text != "-0")


@pytest.mark.contract("C.10 validation/control characters")
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_is_escaped_as_circe_escapes_it(text: str) -> None:
    written = dump(text)
    assert not any(0x7F <= ord(character) <= 0x9F or character < " " for character in written)
    assert parse(written).value == text
    assert dump("\x7f\x85\x9f\xa0\u2028/") == '"\\u007f\\u0085\\u009f\xa0\u2028/"'


def test_an_empty_container_at_the_last_level_is_not_too_deep() -> None:
    assert parse("[[]]", 2).value == [[]]
    with pytest.raises(ExactJsonError):
        parse("[[1]]", 2)
