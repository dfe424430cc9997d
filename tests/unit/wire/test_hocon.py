"""HOCON as Snowplow's files use it: every JSON document, and what HOCON adds."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.hocon import HoconError, parse

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=6), JSON, max_size=4), st.sampled_from([None, 2]))
def test_every_json_document_reads_as_json(document: dict[str, Any], indent: int | None) -> None:
    assert parse(json.dumps(document, indent=indent), {}) == document


def outcome(text: str) -> str:
    """Return the document as JSON, or the refusal."""
    try:
        return json.dumps(parse(text, {}))
    except HoconError as error:
        return str(error)


@given(st.text('ab ={}[]":,.#/\n$?\\+', max_size=40))
def test_any_text_is_read_or_refused_with_its_line(text: str) -> None:
    assert outcome(text).startswith(("{", "line "))


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("", {}),
        ("a = 1", {"a": 1}),
        ("a : 1, b = -2.5 \n c = x", {"a": 1, "b": -2.5, "c": "x"}),
        ("a { b { c = true } }", {"a": {"b": {"c": True}}}),
        ("a.b.c = null", {"a": {"b": {"c": None}}}),
        ('a."b.c" = 1', {"a": {"b.c": 1}}),
        ('paths { "/com.acme/track" = "/r/tp2" }', {"paths": {"/com.acme/track": "/r/tp2"}}),
        ("a = 365 days # a year\nb = 0.5.2 // version", {"a": "365 days", "b": "0.5.2"}),
        ('a = "x" y  z\n', {"a": "x y  z"}),
        ("a = [ 1\n 2, x y,\n]", {"a": [1, 2, "x y"]}),
        ("a = []\nb = {}", {"a": [], "b": {}}),
        ("a { b = 1 }\na { c = 2 }\na.d = 3", {"a": {"b": 1, "c": 2, "d": 3}}),
        ('bad = "bad"\nbad { name = "bad" }', {"bad": {"name": "bad"}}),
        ("a { b = 1 }\na = 2", {"a": 2}),
        ("a = 1\na = ${?NOPE}", {"a": 1}),
        ("a = ${?HOME_OF}\nb = ${HOME_OF}/x\nc = ${NOPE}", {"a": "here", "b": "here/x", "c": "${NOPE}"}),
        ("a = ${PORT}\nb = ${PORT}0", {"a": 80, "b": "800"}),
        ("sink { a = 1 }\ngood = ${sink}\ngood.b = 2", {"sink": {"a": 1}, "good": {"a": 1, "b": 2}}),
        ("sink { a = 1 }\ngood = ${sink} { b = 2 }", {"sink": {"a": 1}, "good": {"a": 1, "b": 2}}),
        ("a = telemetry-g.snowplowanalytics.com,\nb = 1", {"a": "telemetry-g.snowplowanalytics.com", "b": 1}),
        ("a =\n  {\n}", {"a": {}}),
    ],
)
def test_what_hocon_adds_to_json(text: str, document: object) -> None:
    assert parse(text, {"HOME_OF": "here", "PORT": "80"}) == document


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb {", "line 2: an object is not closed"),
        ("a = [1,", "line 1: an array is not closed"),
        ("a\n= 1", "line 1: a value is missing behind the key a"),
        ("a =", "line 1: a value is missing"),
        ("}", "line 1: a key is missing"),
        ("{} x = 1", "line 1: the document ends"),
        ("a += 1", "line 1: `\\+=` is not read"),
        ('include "x"', "line 1: `include` is not read"),
        ('a = """x"""', "line 1: text in three quotes"),
        ('a = "\\x"', "line 1: the text in quotes"),
        ("a = {} x", "line 1: text stands beside"),
        ('a = "b" "c', "line 1: a comma or a new line"),
        ("a = " + "[" * 100, "line 1: objects and arrays are nested"),
        ("a {" * 100, "line 1: objects and arrays are nested"),
    ],
)
def test_what_is_not_read_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(HoconError, match=message):
        parse(text, {})
