import pytest

from services.enricher.text.exact_json import ExactJsonError, parse


@pytest.mark.timeout(5)
@pytest.mark.parametrize("text", ["[]" * 60 + '"' + '\\"' * 300_000, "[]" * 60 + '"\\' * 300_000, '"[' * 300_000])
def test_a_hostile_text_is_refused_in_linear_time(text: str) -> None:
    with pytest.raises(ExactJsonError):
        parse(text)


@pytest.mark.parametrize(("text", "value"), [("1.0", "1.0"), ("2", "2")])
def test_a_number_is_validated_as_one(text: str, value: str) -> None:
    assert str(parse(text).value) == value
