"""Schemas that Iglu's validator can use are used, and say the same."""

from typing import Any

import pytest
from jsonschema_rs import ValidationError

from services.enricher.iglu import java_schema
from services.enricher.iglu.java_schema import UnusableError
from services.enricher.text import exact_json


def is_valid(schema: dict[str, Any], text: str) -> bool:
    validator, left_out = java_schema.compiled(schema)
    assert left_out == ()
    return validator.is_valid(exact_json.parse(text).value)


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"type": "integer"}, ["1", "-5", "12345678901234567890123"], ["-0", "1.0", "1e0", "12E00", "-0.0", "1e400"]),
        ({"enum": [1, {"k": 1}, [1]]}, ["1", "1.0", '{"k":1}', "[1]"], ['{"k":1.0}', "[1.0]", "true", "2"]),
        ({"enum": [True, [1]]}, ["true"], ["1", "1.0"]),
        ({"uniqueItems": True}, ["[1,1.0]", "[true,1]", '["1",1]', '[{"a":1},{"a":1.0}]'], ["[1,1]", "[1.0,1.00]"]),
        ({"pattern": "(?i)^ab$"}, ['"AB"', '"ab\\n"', "1"], ['"abc"']),
        ({"patternProperties": {r"^\Qa.b\E$": {"type": "integer"}}}, ['{"a.b":1}', '{"axb":"x"}'], ['{"a.b":"x"}']),
        ({"properties": {"a": {"$ref": "http://e.org/x.json"}}}, ['{"a":1}'], []),
        ({"properties": {"a": {"$ref": "#/definitions/t"}}, "definitions": {"t": {"pattern": r"^\d$"}}},
         ['{"a":"1"}'], ['{"a":"\\u0661"}']),
        ({"pattern": "^[a-z]{0,20000}$"}, ['"a"'], ['"A"']),
        ({"properties": {"pattern": {"type": "string"}, "enum": {"enum": [[]]}}}, ['{"pattern":"[","enum":[]}'],
        ['{"pattern":1}']),
        ({"items": [{"pattern": r"\s"}], "additionalItems": {"not": {"pattern": "a*+a"}}}, ['[" ","aa"]'],
        ['["\\u00a0"]']),
    ],
)  # fmt: skip
def test_data_is_valid_where_iglu_says_so(schema: dict[str, Any], valid: list[str], invalid: list[str]) -> None:
    assert [text for text in (*valid, *invalid) if is_valid(schema, text)] == valid


@pytest.mark.parametrize("pattern", [r"\X", r"\p{IsGreek}", "(?U)a", "(a{1,1000}){1,10000}"])
def test_a_pattern_that_cannot_be_translated_is_left_out_and_named(pattern: str) -> None:
    validator, left_out = java_schema.compiled({"properties": {"a": {"pattern": pattern, "maxLength": 3}}})
    assert len(left_out) == 1
    assert validator.is_valid({"a": "x"})
    assert not validator.is_valid({"a": "long"})


@pytest.mark.parametrize("schema", [{"pattern": "["}, {"patternProperties": {"(": {}}}])
def test_a_pattern_that_java_refuses_makes_the_schema_unusable(schema: dict[str, Any]) -> None:
    with pytest.raises(UnusableError):
        java_schema.compiled(schema)


@pytest.mark.contract("C.10 validation/references")
@pytest.mark.parametrize("reference", ["other.json", "https://e.org/x#/definitions/y", "#/definitions/none"])
def test_a_reference_that_iglu_cannot_resolve_makes_the_schema_unusable(reference: str) -> None:
    with pytest.raises((ValidationError, ValueError)):
        java_schema.compiled({"properties": {"a": {"$ref": reference}}})
