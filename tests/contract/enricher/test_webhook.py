"""The Iglu webhook: data under a schema that the URL or the body names."""

import json
from copy import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.enricher import GET, LINK_CLICK, SP, USER, good, messages, outputs
from wire.collector_payload import CollectorPayload, encode

ADAPTER = "adapter_failures/1-0-0"
LINK = f"iglu:{SP}/link_click/jsonschema/1-0-1"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
THREE = "expected one of application/json, application/json; charset=utf-8, application/x-www-form-urlencoded"
TWO = "expected one of application/json, application/json; charset=utf-8"


def webhook(body: str | None = None, content_type: str | None = None, **parameters: str) -> CollectorPayload:
    path, query = "/com.snowplowanalytics.iglu/v1", urlencode(parameters)
    return replace(GET, path=path, querystring=query, body=body, content_type=content_type)


def data(event: dict[str, str]) -> Any:
    return json.loads(event["unstruct_event"])["data"]["data"]


@pytest.mark.contract("C.3/webhook querystring")
def test_data_of_the_querystring() -> None:
    standard = "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-8"
    (event,) = good(webhook(schema=standard, environment="e", plan="", aid="a", p="srv", cv="c", nuid="n"))
    assert json.loads(event["unstruct_event"])["data"]["schema"] == standard
    assert data(event) == {"environment": "e", "plan": None}
    assert (event["event"], event["v_tracker"], event["platform"], event["event_name"]) == (
        "unstruct", "com.snowplowanalytics.iglu-v1", "srv", "gitlab_standard",
    )  # fmt: skip
    assert (event["app_id"], event["v_collector"], event["network_userid"]) == ("a", "c", "n")


@pytest.mark.contract("C.3/webhook passed on")
def test_what_is_passed_on_to_the_event() -> None:
    body = json.dumps(LINK_CLICK["data"])
    (event,) = good(webhook(body, JSON, schema=LINK, eid=USER, ttm="1000", url="https://e.org/"))
    assert (event["event_id"], event["true_tstamp"]) == (USER, "1970-01-01 00:00:01.000")
    assert (event["page_url"], event["platform"]) == ("https://e.org/", "app")


@pytest.mark.contract("C.3/webhook body")
@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8"])
def test_a_body_that_names_its_schema(content_type: str) -> None:
    (event,) = good(webhook(json.dumps(LINK_CLICK), content_type))
    assert data(event) == LINK_CLICK["data"]


@pytest.mark.contract("C.3/webhook array")
def test_an_array_is_an_event_each() -> None:
    events = good(webhook('[{"targetUrl":"1"},{"targetUrl":"2"}]', JSON, schema=LINK))
    assert [data(event)["targetUrl"] for event in events] == ["1", "2"]


@pytest.mark.contract("C.3/webhook form")
def test_a_form_becomes_the_data_of_the_event() -> None:
    (event,) = good(webhook("targetUrl=a+%C3%BC&elementId=", FORM, schema=LINK))
    assert data(event) == {"targetUrl": "a ü", "elementId": ""}
    assert event["platform"] == "srv"


def field(name: str, value: str | None, expectation: str) -> dict[str, str | None]:
    return {"field": name, "value": value, "expectation": expectation}


@pytest.mark.contract("C.3/webhook refused")
@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (webhook("{}"), [field("contentType", None, THREE)]),
        (webhook("{}", schema=LINK), [field("contentType", None, THREE)]),
        (webhook("{}", FORM), [field("contentType", FORM, TWO)]),
        (webhook("{}", "text/plain", schema=LINK), [field("contentType", "text/plain", THREE)]),
        (webhook(), [field("schema", None, "empty `schema` field"), field("body", None, "empty body")]),
        (webhook(schema="x"), [field("schema", "x", "INVALID_IGLUURI")]),
        (webhook("{}", JSON, schema=LINK), [field("body", "{}", "has no key-value pairs")]),
        (webhook("[]", JSON, schema=LINK), [field("body", "[]", "empty array of events")]),
        (webhook("{}", JSON), [{"json": {}, "error": "INVALID_DATA_PAYLOAD"}]),
        (webhook("{", JSON), [{"field": "body", "value": "{", "error": "invalid json: Input data was truncated"}]),
    ],
)
def test_a_request_without_data(payload: CollectorPayload, expected: list[object]) -> None:
    assert messages(payload, ADAPTER) == expected


def test_data_that_its_schema_refuses_is_a_schema_violation() -> None:
    assert messages(webhook('{"x":1}', JSON, schema=LINK), "schema_violations/2-0-1")


@pytest.mark.contract("C.3/webhook refused")
@pytest.mark.parametrize("body", ["1", '"x"', "null", "true", "{}"])
def test_json_that_is_no_object_or_array_is_refused(body: str) -> None:
    assert messages(webhook(body, JSON, schema=LINK), ADAPTER) == [field("body", body, "has no key-value pairs")]


@pytest.mark.contract("C.3/webhook form")
@pytest.mark.parametrize("body", ["a=%", "a b=c|d", '{"a":1}'])
def test_a_form_that_no_uri_could_hold_is_refused(body: str) -> None:
    expected = [field("body", body, "Illegal character in query")]
    assert messages(webhook(body, FORM, schema=LINK), ADAPTER) == expected


@pytest.mark.contract("C.3/webhook form")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("targetUrl=a;elementId=b", {"targetUrl": "a", "elementId": "b"}),
        ("targetUrl=a&=b", {"targetUrl": "a"}),
        ("targetUrl=\u00e4", {"targetUrl": "\ufffd"}),
        ("targetUrl=%C3%A4#x", {"targetUrl": "\u00e4"}),
    ],
)
def test_a_form_is_read_as_a_querystring(body: str, expected: dict[str, str]) -> None:
    assert data(good(webhook(body, FORM, schema=LINK))[0]) == expected


@pytest.mark.contract("C.3/webhook form")
def test_a_form_key_without_a_value_is_null() -> None:
    anything = "iglu:com.gitlab/user_context/jsonschema/1-0-0"
    assert data(good(webhook("a&b=", FORM, schema=anything))[0]) == {"a": None, "b": ""}


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1, max_size=4))
def test_any_pairs_encoded_as_a_form_are_read_back(pairs: dict[str, str]) -> None:
    pairs = {
        key.encode(errors="replace").decode(): value.encode(errors="replace").decode() for key, value in pairs.items()
    }
    anything = "iglu:com.gitlab/user_context/jsonschema/1-0-0"
    assert data(good(webhook(urlencode(pairs), FORM, schema=anything))[0]) == pairs


@pytest.mark.contract("C.3/webhook passed on")
def test_an_empty_platform_fails_the_event() -> None:
    body = json.dumps(LINK_CLICK["data"])
    assert messages(webhook(body, JSON, schema=LINK, p=""), "schema_violations/2-0-1")


@pytest.mark.contract("C.3/webhook refused")
@pytest.mark.parametrize("version", ["0-0-0", "1-0-000000", "123456789123456789-0-0", "2147483648-0-0", "1--", "--"])
def test_a_version_that_is_none_has_its_own_code(version: str) -> None:
    schema = f"iglu:com.acme/x/jsonschema/{version}"
    assert messages(webhook(schema=schema), ADAPTER) == [field("schema", schema, "INVALID_SCHEMAVER")]


text = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.none() | text | st.sampled_from(["[]", "[{}]", "{}", json.dumps(LINK_CLICK), "a=b&c"]),
    st.sampled_from([None, JSON, FORM, "text/plain"]),
    st.dictionaries(text | st.sampled_from(["schema", "u", "e", "p"]), text | st.just(LINK), max_size=4),
    st.sampled_from(["/r/tp2", "/com.snowplowanalytics.iglu/v1"]),
)
def test_any_request_gives_an_output(
    body: str | None, content_type: str | None, parameters: dict[str, str], path: str
) -> None:
    payload = replace(webhook(body, content_type), path=path, querystring=urlencode(parameters))
    made = outputs(encode(payload))
    assert made.good or made.bad
    assert not any(b"internal error" in event for event in made.bad)
