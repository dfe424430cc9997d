import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.self_describing import Criterion, SchemaKey, SchemaKeyError, SelfDescribing, SelfDescribingError

versions = st.tuples(st.integers(1, 99), st.integers(0, 99), st.integers(0, 99))


@given(
    st.from_regex(r"[a-zA-Z0-9\-_.]{1,30}", fullmatch=True),
    st.from_regex(r"[a-zA-Z0-9\-_]{1,30}", fullmatch=True),
    versions,
)
def test_a_key_reads_back_as_itself(vendor: str, name: str, version: tuple[int, int, int]) -> None:
    key = SchemaKey(vendor, name, "jsonschema", *version)
    assert SchemaKey.parse(str(key)) == key
    assert Criterion.parse(str(key)).matches(key)


@pytest.mark.parametrize(
    "uri",
    ["", "iglu:a/b/jsonschema/0-0-0", "iglu:a/b/jsonschema/1-0", "iglu:a/b/jsonschema/1-0-01", "a/b/jsonschema/1-0-0",
     "iglu:a/b/jsonschema/1-0-0\n", "iglu:a/b/jsonschema/\u0661-0-0", f"iglu:{'v' * 129}/b/jsonschema/1-0-0"],
)  # fmt: skip
def test_what_is_no_iglu_uri_is_refused_without_quoting_it(uri: str) -> None:
    with pytest.raises(SchemaKeyError) as caught:
        SchemaKey.parse(uri)
    assert not uri or uri not in str(caught.value)


def test_a_criterion_matches_every_addition_but_no_other_model() -> None:
    criterion = Criterion.parse("iglu:com.gitlab/gitlab_standard/jsonschema/1-*-*")
    assert criterion.matches(SchemaKey.parse("iglu:com.gitlab/gitlab_standard/jsonschema/1-1-7"))
    assert not criterion.matches(SchemaKey.parse("iglu:com.gitlab/gitlab_standard/jsonschema/2-0-0"))
    assert not criterion.matches(SchemaKey.parse("iglu:com.gitlab/other/jsonschema/1-1-7"))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "INVALID_DATA_PAYLOAD"),
        ({"schema": "iglu:a/b/jsonschema/1-0-0"}, "INVALID_DATA_PAYLOAD"),
        ({"schema": 1, "data": {}}, "INVALID_DATA_PAYLOAD"),
        ({"schema": "x", "data": {}}, "INVALID_IGLUURI"),
    ],
)
def test_a_value_that_is_not_self_describing_has_iglus_code(value: object, code: str) -> None:
    with pytest.raises(SelfDescribingError) as caught:
        SelfDescribing.parse(value)
    assert caught.value.code == code


def test_the_wrapper_is_written_schema_first() -> None:
    value = {"data": {"a": 1}, "schema": "iglu:a/b/jsonschema/1-0-0"}
    assert list(SelfDescribing.parse(value).to_json()) == ["schema", "data"]


@pytest.mark.parametrize("digits", [19, 5000])
def test_a_version_of_many_digits_is_no_version(digits: int) -> None:
    for parse in (SchemaKey.parse, Criterion.parse):
        with pytest.raises(SchemaKeyError):
            parse(f"iglu:com.acme/a/jsonschema/1-0-{'9' * digits}")
