"""From request to events: tp1, tp2 and what has no adapter."""

import json
from copy import replace

import pytest

from tests.fixtures.enricher import GET, JSON, SP, USER, bad, get, good, messages, outputs, post, post_body, sdj

TRACKER = "tracker_protocol_violations/1-0-1"
ADAPTER = "adapter_failures/1-0-0"
CONTENT_TYPES = "expected one of application/json, application/json; charset=utf-8, application/json; charset=UTF-8"
PAYLOAD_DATA = f"{SP}/payload_data/jsonschema/1-0-4"
EVENT = {"e": "pv", "p": "web", "tv": "t-1"}


@pytest.mark.contract("C.3/pixel")
@pytest.mark.parametrize("path", ["/i", "/ice.png"])
def test_the_pixel_without_querystring(path: str) -> None:
    expectation = "empty querystring: not a valid URI redirect"
    found = messages(replace(GET, path=path, querystring=""), ADAPTER)
    assert found == [{"field": "querystring", "value": None, "expectation": expectation}]


@pytest.mark.contract("C.3/unknown")
@pytest.mark.parametrize(
    ("path", "combination", "kind"),
    [
        ("/com.acme/v1", "com.acme/v1", ADAPTER),
        ("/com.snowplowanalytics.iglu/v2", "com.snowplowanalytics.iglu/v2", ADAPTER),
        ("/com.mailchimp/v1", "com.mailchimp/v1", ADAPTER),
        (f"/{SP}/tp3", f"{SP}/tp3", ADAPTER),
        ("/r/tp3", "r/tp3", TRACKER),
    ],
)
def test_a_path_without_adapter(path: str, combination: str, kind: str) -> None:
    expectation = "vendor/version combination is not supported"
    found = messages(replace(GET, path=path), kind)
    assert found == [{"field": "vendor/version", "value": combination, "expectation": expectation}]


@pytest.mark.contract("C.3/tp2 nothing")
@pytest.mark.parametrize("content_type", [None, "text/plain", JSON])
def test_tp2_with_neither_body_nor_querystring(content_type: str | None) -> None:
    expectation = "empty {}: not a valid tracker protocol event"
    assert messages(replace(GET, querystring="", content_type=content_type), TRACKER) == [
        {"field": field, "value": None, "expectation": expectation.format(field)} for field in ("body", "querystring")
    ]


@pytest.mark.contract("C.3/tp2 content type")
@pytest.mark.parametrize("body", [None, "{}"])
@pytest.mark.parametrize("content_type", ["text/html", "application/json;charset=utf-8", ""])
def test_tp2_with_another_content_type(body: str | None, content_type: str) -> None:
    found = messages(replace(GET, body=body, content_type=content_type), TRACKER)
    assert found == [{"field": "contentType", "value": content_type, "expectation": CONTENT_TYPES}]


@pytest.mark.contract("C.3/tp2 content type")
def test_tp2_with_a_body_and_no_content_type() -> None:
    found = messages(post_body("{}", content_type=None), TRACKER)
    assert found == [{"field": "contentType", "value": None, "expectation": CONTENT_TYPES}]


@pytest.mark.contract("C.3/tp2 no body")
def test_tp2_with_a_content_type_and_no_body() -> None:
    found = messages(replace(GET, content_type=JSON), TRACKER)
    assert found == [{"field": "body", "value": None, "expectation": "empty body: not a valid track protocol event"}]


@pytest.mark.contract("A.1/content types")
@pytest.mark.parametrize("content_type", ["application/json", JSON, "application/json; charset=UTF-8"])
def test_tp2_takes_every_content_type_of_json(content_type: str) -> None:
    body = json.dumps(sdj(PAYLOAD_DATA, [EVENT]))
    assert len(good(post_body(body, content_type=content_type))) == 1


@pytest.mark.contract("A.6/payload_data")
@pytest.mark.parametrize("version", [f"1-0-{addition}" for addition in range(5)])
def test_tp2_takes_every_version_of_payload_data(version: str) -> None:
    assert len(good(post_body(json.dumps(sdj(f"{SP}/payload_data/jsonschema/{version}", [EVENT]))))) == 1


@pytest.mark.contract("C.3/tp2 merge")
def test_a_batch_is_one_event_each_and_the_querystring_wins() -> None:
    events = good(post({"aid": "a", "page": "1"}, {"page": "2"}, querystring="aid=q"))
    assert [(event["app_id"], event["page_title"]) for event in events] == [("q", "1"), ("q", "2")]


@pytest.mark.contract("C.1/independent")
def test_events_of_a_batch_fail_each_alone() -> None:
    made = outputs(post({"tid": "1"}, {"tid": "x"}, {"tid": "3"}))
    assert (len(made.good), len(made.bad)) == (2, 1)


@pytest.mark.contract("C.3/tp2 no json", "D.3/variants")
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", "invalid json: Input data was truncated"),
        ("{", "invalid json: Input data was truncated"),
        ("{]", "invalid json: JSON is malformed: object keys must be strings (byte 1)"),
        ('"\\ud800', "invalid json: Input data was truncated"),
        ("[" * 60 + "]" * 60, "invalid json: maximum allowed JSON depth exceeded"),
    ],
)
def test_a_body_that_is_no_json(body: str, error: str) -> None:
    assert messages(post_body(body), TRACKER) == [{"field": "body", "value": body, "error": error}]


@pytest.mark.contract("C.3/tp2 not iglu", "D.3/variants")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "INVALID_DATA_PAYLOAD"),
        ({"schema": f"iglu:{PAYLOAD_DATA}"}, "INVALID_DATA_PAYLOAD"),
        ({"schema": "payload_data", "data": []}, "INVALID_IGLUURI"),
        ({"schema": f"iglu:{SP}/payload_data/jsonschema/0-0-1", "data": []}, "INVALID_SCHEMAVER"),
    ],
)
def test_a_body_that_is_not_self_describing(body: object, code: str) -> None:
    assert messages(post_body(json.dumps(body)), TRACKER) == [{"json": body, "error": code}]


@pytest.mark.contract("C.3/tp2 order", "D.4/resolution")
def test_a_body_of_an_unknown_schema_is_not_found_before_it_is_compared() -> None:
    (message,) = messages(post_body(json.dumps(sdj("com.acme/x/jsonschema/1-0-0", []))), TRACKER)
    assert message["schemaKey"] == "iglu:com.acme/x/jsonschema/1-0-0"
    (lookup,) = message["error"].pop("lookupHistory")
    assert message["error"] == {"error": "ResolutionError"}
    assert lookup["repository"] == "Snowveil static registry"
    assert lookup["errors"] == [{"error": "NotFound"}]
    assert lookup["attempts"] == 1
    assert lookup["lastAttempt"].endswith("Z")


@pytest.mark.contract("C.3/tp2 order", "D.3/variants")
def test_a_body_of_another_schema_is_validated_before_it_is_compared() -> None:
    web_page = f"{SP}/web_page/jsonschema/1-0-0"
    (invalid,) = messages(post_body(json.dumps(sdj(web_page, {}))), TRACKER)
    assert invalid["error"]["error"] == "ValidationError"
    assert messages(post_body(json.dumps(sdj(web_page, {"id": USER}))), TRACKER) == [
        {"schemaKey": f"iglu:{web_page}", "schemaCriterion": f"iglu:{SP}/payload_data/jsonschema/1-0-*"}
    ]


@pytest.mark.contract("J/2", "D.4/invalid")
@pytest.mark.parametrize(
    ("data", "path", "keyword", "targets"),
    [
        ([], "$", "minItems", []),
        ([{**EVENT, "who": "x"}], "$[0]", "additionalProperties", []),
        ([EVENT, {**EVENT, "aid": 1}], "$[1].aid", "type", []),
        ([{"e": "pv", "p": "web"}], "$[0]", "required", ["tv"]),
    ],
)
def test_a_body_that_payload_data_refuses(data: object, path: str, keyword: str, targets: list[str]) -> None:
    (message,) = messages(post_body(json.dumps(sdj(PAYLOAD_DATA, data))), TRACKER)
    (report,) = message["error"]["dataReports"]
    assert (report["path"], report["keyword"], report["targets"]) == (path, keyword, targets)


@pytest.mark.contract("J/2")
def test_unknown_parameters_of_a_querystring_are_ignored() -> None:
    assert good(get(who="x", evn="y"))[0]["event"] == "page_view"


@pytest.mark.contract("D.5/collector payload")
def test_the_payload_of_a_failed_request_is_the_whole_request() -> None:
    payload = replace(
        GET, path="/com.acme/v1", querystring="a=1&b", body="x", content_type="text/plain", headers=("Host: c",),
        referer_uri="https://r/", hostname="h",
    )  # fmt: skip
    (event,) = bad(payload)
    assert event["data"]["failure"]["vendor"] == "com.acme"
    assert event["data"]["failure"]["version"] == "v1"
    assert event["data"]["payload"] == {
        "vendor": "com.acme",
        "version": "v1",
        "querystring": [{"name": "a", "value": "1"}, {"name": "b", "value": None}],
        "contentType": "text/plain",
        "body": "x",
        "collector": "snowveil-collector-0.1.0",
        "encoding": "UTF-8",
        "hostname": "h",
        "timestamp": "2023-11-14T22:13:20.123Z",
        "ipAddress": "203.0.113.7",
        "useragent": "Mozilla/5.0",
        "refererUri": "https://r/",
        "headers": ["Host: c"],
        "networkUserId": USER,
    }
