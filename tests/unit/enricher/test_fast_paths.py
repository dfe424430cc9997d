"""What trackers send takes fast paths: they lead where the general way does, for whatever comes."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.adapters import adapter
from services.enricher.adapters.adapter import TrackerRequest
from services.enricher.adapters.adapter_error import AdapterError
from services.enricher.entities import reading
from services.enricher.entities.reading import Entities
from services.enricher.iglu import forms
from services.enricher.iglu.validation import Iglu
from services.enricher.text import url
from services.enricher.text.exact_json import MAX_DEPTH
from services.enricher.text.java_uri import UrlError
from tests.fixtures.enricher import JSON, LINK_CLICK, SP, WEB_PAGE, sdj
from wire.self_describing import SNOWPLOW, SchemaKey

SCHEMAS = Path(__file__).parents[3] / "schemas"
FAST, SLOW = Iglu(SCHEMAS), Iglu(SCHEMAS)
CONTEXTS, UNSTRUCT, BATCH = (
    f"iglu:{SP}/{name}/jsonschema/1-0-" for name in ("contexts", "unstruct_event", "payload_data")
)
OTHERS = [
    f"{CONTEXTS}7",
    f"iglu:{SP}/contexts/jsonschema/2-0-0",
    f"iglu:{SP}/web_page/jsonschema/1-0-0",
    f"{UNSTRUCT}0",
]
anything: st.SearchStrategy[Any] = (
    st.none() | st.integers() | st.just("x") | st.just([]) | st.just({}) | st.just(1.5) | st.just([[{}]])
)
scalar = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
nested = st.recursive(scalar, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner))
REVERSED = {"data": WEB_PAGE["data"], "schema": WEB_PAGE["schema"]}
INVALID = {**WEB_PAGE, "data": {"id": "x"}}
valid = st.sampled_from([WEB_PAGE, LINK_CLICK, REVERSED])
invalid = st.sampled_from([INVALID, {**WEB_PAGE, "more": 1}])
anything_inside = st.builds(
    lambda inside: sdj("com.gitlab/user_context/jsonschema/1-0-0", inside), st.dictionaries(st.text(max_size=2), nested)
)
described = st.fixed_dictionaries(
    {},
    optional={"schema": st.sampled_from(OTHERS) | anything, "data": st.just({"id": "x"}) | anything, "more": anything},
)
entity = valid | invalid | anything | described


def wrapped(uri: str, data: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    known = st.builds(lambda uri, data: {"schema": uri, "data": data}, st.just(uri), data)
    with_one = st.builds(lambda wrapper, more: {**wrapper, "more": more}, known, anything)
    with_more = st.builds(lambda wrapper, more: {**wrapper, **more}, known, described)
    return (known | with_one | with_more | described).map(json.dumps)


@pytest.fixture(autouse=True, scope="module")
def _met() -> None:
    """A fast path is open from the second time on that its schema is met."""
    for uri in (f"{CONTEXTS}0", f"{UNSTRUCT}0", f"{BATCH}4", *(str(each["schema"]) for each in (WEB_PAGE, LINK_CLICK))):
        FAST.failure(SchemaKey.parse(uri), None)
    FAST.failure(SchemaKey.parse("iglu:com.gitlab/user_context/jsonschema/1-0-0"), None)


def slow() -> Iglu:
    """Return the schemas without any fast path."""
    for fast in (SLOW.accepts, SLOW.text_objects, SLOW.wrappers):
        fast.clear()
    return SLOW


depth = st.integers(5, 9)
usual = valid | anything_inside
usual_contexts = st.lists(usual, min_size=1, max_size=2).map(lambda some: json.dumps(sdj(f"{CONTEXTS}0"[5:], some)))
usual_event = usual.map(lambda event: json.dumps(sdj(f"{UNSTRUCT}0"[5:], event)))
nearly_usual = st.lists(usual | invalid, max_size=2).map(lambda some: json.dumps(sdj(f"{CONTEXTS}0"[5:], some)))
nearly_an_event = invalid.map(lambda event: json.dumps(sdj(f"{UNSTRUCT}0"[5:], event)))


@given(usual_contexts | nearly_usual, depth)
def test_usual_contexts_come_out_the_same_on_both_paths(text: str, max_depth: int) -> None:
    both_ways(reading.contexts, text, max_depth)


@given(usual_event | nearly_an_event, depth)
def test_a_usual_event_comes_out_the_same_on_both_paths(text: str, max_depth: int) -> None:
    both_ways(reading.unstruct, text, max_depth)


@given(wrapped(f"{CONTEXTS}0", st.lists(entity, max_size=3) | entity))
def test_any_contexts_come_out_the_same_on_both_paths(text: str) -> None:
    both_ways(reading.contexts, text)


@given(wrapped(f"{UNSTRUCT}0", entity))
def test_any_unstruct_event_comes_out_the_same_on_both_paths(text: str) -> None:
    both_ways(reading.unstruct, text)


blank = st.sampled_from(["", "", " ", "\n"])
token = st.sampled_from(["-0", "0", "-1", '"-0"', '"\\u002d0"', '"\x7f"', '"é"', '"\\u00e9"', "[-0]", '{"b":-0}'])


@given(st.lists(st.tuples(blank, token), min_size=1, max_size=3), st.booleans())
def test_a_negative_zero_comes_out_the_same_on_both_paths(values: list[tuple[str, str]], is_bytes: bool) -> None:
    """The fast path notices it by the length of the text, which blanks, escapes and U+007F change as well."""
    of_entity = ",".join(f'"{place}":{blank}{token}' for place, (blank, token) in enumerate(values))
    text = (
        f'{{"schema":"{CONTEXTS}0","data":[{{"schema":"iglu:com.gitlab/user_context/jsonschema/1-0-0",'
        f'"data":{{{of_entity}}}}}]}}'
    )
    sent = text.encode() if is_bytes else text
    assert without_times(reading.contexts([sent], FAST)) == without_times(reading.contexts([sent], slow()))


FREE = sdj("com.gitlab/user_context/jsonschema/1-0-0", {"list": [{"of": "objects"}]})


@pytest.mark.parametrize("uri", [f"{CONTEXTS}0", f"{CONTEXTS}7", f"{UNSTRUCT}0", f"{UNSTRUCT}7"])
@pytest.mark.parametrize("more", [{}, {"more": 1}, {"more": [[[[[[[[]]]]]]]]}])
@pytest.mark.parametrize("entity_of", [WEB_PAGE, FREE])
@pytest.mark.parametrize("max_depth", [6, 7])
def test_nearly_usual_entities_come_out_the_same_on_both_paths(
    uri: str, more: dict[str, Any], entity_of: dict[str, Any], max_depth: int
) -> None:
    """Wrappers of the other kind, of an unknown version or with another key; an entity as deep as the form goes."""
    both_ways(reading.contexts, json.dumps({"schema": uri, "data": [entity_of], **more}), max_depth)
    both_ways(reading.unstruct, json.dumps({"schema": uri, "data": entity_of, **more}), max_depth)


def both_ways(
    read: Callable[[Sequence[str], Iglu, int], list[Entities]], text: str, max_depth: int = MAX_DEPTH
) -> None:
    assert without_times(read([text], FAST, max_depth)) == without_times(read([text], slow(), max_depth))


tracked = st.fixed_dictionaries(
    {"e": st.just("pv"), "p": st.just("web")},
    optional={"tv": st.just("t"), "ad_ba": st.just("é"), "zz": st.just("y")},
)
trackers = st.lists(tracked, max_size=3)
others = st.lists(st.builds(lambda event, more: {**event, "tid": more}, tracked, anything) | anything, max_size=2)


@given(wrapped(f"{BATCH}4", trackers | others), st.integers(2, 5))
def test_a_batch_comes_out_the_same_on_both_paths(body: str, max_depth: int) -> None:
    request = TrackerRequest(SNOWPLOW, "tp2", [], body, JSON)

    def made(iglu: Iglu) -> object:
        try:
            return [event.parameters for event in adapter.events(request, iglu, max_depth)]
        except AdapterError as error:
            return error.kind, without_times(error.messages)

    assert made(FAST) == made(slow())


def without_times(made: object) -> bytes:
    """Return it as JSON; when a registry was asked is not part of the comparison."""
    return re.sub(rb'"lastAttempt":"[^"]*"', b"", msgspec.json.encode(made))


def test_the_fast_paths_are_taken() -> None:
    """Each of the bundle's schemas that the fast paths are for has been recognised."""
    iglu = Iglu(SCHEMAS)
    contexts = json.dumps(sdj(f"{SP}/contexts/jsonschema/1-0-0", [WEB_PAGE]))
    unstruct = json.dumps(sdj(f"{SP}/unstruct_event/jsonschema/1-0-0", LINK_CLICK))
    reading.contexts([contexts], iglu)
    reading.unstruct([unstruct], iglu)
    body = json.dumps(sdj(f"{SP}/payload_data/jsonschema/1-0-4", [{"e": "pv", "p": "web", "tv": "t"}]))
    adapter.events(TrackerRequest(SNOWPLOW, "tp2", [], body, JSON), iglu)
    assert len(iglu.wrappers) == 2
    assert len(iglu.text_objects) == 1


TEXTS: dict[str, Any] = {
    "type": "array", "minItems": 1,
    "items": {
        "type": "object", "required": ["e"], "additionalProperties": False, "properties": {"e": {"type": "string"}},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [{"minItems": 2}, {"maxItems": 3}, {"type": "object"}, {"items": {**TEXTS["items"], "additionalProperties": True}},
     {"items": {**TEXTS["items"], "properties": {"e": {"type": "string", "maxLength": 3}}}}],
)  # fmt: skip
def test_a_schema_with_more_keywords_takes_the_general_path(more: dict[str, Any]) -> None:
    assert forms.text_objects(TEXTS) is not None
    assert forms.text_objects({**TEXTS, **more}) is None
    wrapper = json.loads((SCHEMAS / f"{UNSTRUCT}0".removeprefix("iglu:")).read_text())
    del wrapper["self"], wrapper["$schema"]
    assert forms.is_wrapper(wrapper)
    assert not forms.is_wrapper({**wrapper, "required": ["schema"]})
    assert not forms.is_wrapper({**wrapper, "properties": {**wrapper["properties"], "data": {"type": "object"}}})


@given(st.from_regex(r"https?://[a-z.]{1,5}(:[0-9]{1,4})?(/[a-z%0-9 ]{0,4})?(\?[a-z=&]{0,4})?(#[a-z]{0,3})?"))
def test_the_columns_of_a_url_are_its_parts(source: str) -> None:
    try:
        parsed = url.parse(source)
    except UrlError:
        return
    text, cells = url.cells(source)
    assert (text, *cells) == (parsed.text, *("" if part is None else str(part) for part in parsed[1:]))
