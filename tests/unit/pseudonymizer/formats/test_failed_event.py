import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.formats import failed_event
from scripts.rehearsal.canaries import Canaries
from tests.unit.pseudonymizer.samples import CONTEXTS, STANDARD, CanaryEvents, Draw, dump, make_plan, pseudonym, wrap
from wire import failed_events
from wire.collector_payload import CollectorPayload
from wire.columns import COLUMNS
from wire.failed_events import FailureKind, Json, Processor

TRANSFORM = failed_event.make(make_plan()).line
PSEUDONYM = pseudonym
ENRICHER = Processor("snowveil-enrich", "0.1.0")


def transformed(record: bytes) -> dict[str, Any]:
    shown = json.loads(TRANSFORM(record))
    assert isinstance(shown, dict)
    return shown


def payload(text: Callable[[], str]) -> CollectorPayload:
    """Return a request with a canary in each field that a client fills."""
    return CollectorPayload(
        ip_address=text(),
        timestamp=1_767_323_045_678,
        collector="snowveil-collector-0.1.0-kinesis",
        user_agent=text(),
        referer_uri=f"https://gitlab.com/{text()}",
        path=f"/{text()}/v1",
        querystring=f"uid={text()}",
        body=text(),
        headers=(f"Cookie: {text()}", f"{text()}: {text()}", f"Content-Type: {text()}", text(), f"Host: {text()}"),
        content_type=text(),
        hostname=text(),
        network_user_id=text(),
    )


def messages(events: CanaryEvents, draw: Draw) -> list[Json]:
    """Return one message of each variant, each with canaries where a sender's text can be."""

    def text() -> str:
        return events.text(draw)

    invalid = failed_events.iglu_error(
        f"iglu:com.{events.canaries.bare('vendor')}/x/jsonschema/1-0-0",
        {
            "error": "ValidationError",
            "dataReports": [
                {
                    "message": f"$.{text()}: is missing",
                    "path": f"$.user.{text()}",
                    "keyword": text(),
                    "targets": [text()],
                },
                {"message": f'"{text()}" is not of type "string"', "path": None, "keyword": None, "targets": []},
            ],
        },
    )
    lookup = {"repository": text(), "errors": [{"error": "RepoFailure", "message": text()}], "attempts": 1}
    return [
        failed_events.input_data(text(), text(), text()),
        failed_events.not_json("contexts", text(), f"invalid json: {text()}"),
        failed_events.not_iglu(events.value(draw), "INVALID_IGLUURI"),
        invalid,
        failed_events.iglu_error(STANDARD, {"error": "ResolutionError", "lookupHistory": [lookup]}),
        failed_events.criterion_mismatch(f"iglu:com.{events.canaries.bare('vendor')}/x/jsonschema/1-0-0", text()),
        {"enrichment": {"schemaKey": STANDARD, "identifier": text()}, "message": {"error": text()}},
        {text(): text()},
    ]


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(list(FailureKind)))
def test_no_canary_in_any_part_of_a_failed_event_survives_in_any_encoding(
    data: st.DataObject, kind: FailureKind
) -> None:
    canaries = Canaries()
    events = CanaryEvents(canaries)
    draw = data.draw

    def text() -> str:
        return events.text(draw)

    failure: Json = {"vendor": text(), "version": text(), "loader": text(), "messages": messages(events, draw)}
    failure |= {
        "message": {"error": text()},
        "expectation": text(),
        text(): text(),
        "actualSizeBytes": canaries.number("n"),
    }
    content: object
    match kind:
        case FailureKind.SIZE_VIOLATION | FailureKind.COLLECTOR_PAYLOAD_FORMAT_VIOLATION:
            content = base64.b64encode(text().encode()).decode() if draw(st.booleans()) else text()
        case FailureKind.ADAPTER_FAILURES | FailureKind.TRACKER_PROTOCOL_VIOLATIONS:
            parameters = events.parameters(draw)
            pairs: list[Json] = [{"name": name, "value": value} for name, value in parameters.items()]
            content = failed_events.collector_payload_object(payload(text), text(), text(), pairs)
            if draw(st.booleans()):
                content["body"] = dump(
                    wrap("iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4", [parameters])
                )
        case _:
            parameters = events.parameters(draw)
            enriched: dict[str, object] = dict.fromkeys(column.name for column in COLUMNS)
            enriched |= events.event(draw) | {"txn_id": canaries.number("txn_id")}
            content = {
                "enriched": enriched,
                "raw": failed_events.raw_event_object(payload(text), text(), text(), parameters),
            }
    record = failed_events.failed_event(kind, ENRICHER, failure, content)
    line = TRANSFORM(record)
    assert canaries.search("line", line.encode()) == []
    assert "\n" not in line
    assert TRANSFORM(record) == line


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_canary_of_any_other_json_survives(data: st.DataObject) -> None:
    canaries = Canaries()
    events = CanaryEvents(canaries)
    value = events.value(data.draw)
    unknown = wrap("iglu:com.snowplowanalytics.snowplow.badrows/loader_parsing_error/jsonschema/2-0-0", value)
    old = {"line": events.text(data.draw), "errors": [value], "failure_tstamp": "2016-01-02T03:04:05Z", "x": value}
    for record in ({"value": value}, unknown, old, {canaries.text("key"): [value]}):
        assert canaries.search("line", TRANSFORM(dump(record).encode()).encode()) == []


def test_the_diagnostic_parts_stay_readable() -> None:
    report = {
        "message": "$.user_id: does not fulfil type of the schema (#/properties/user_id/type)",
        "path": "$.user_id",
        "keyword": "type",
        "targets": [],
    }
    failure: Json = {
        "messages": [
            failed_events.iglu_error(STANDARD, {"error": "ValidationError", "dataReports": [report]}),
            failed_events.not_json("contexts", "alice", "invalid json: JSON is malformed: invalid character (byte 0)"),
        ]
    }
    contexts = dump(wrap(CONTEXTS, [wrap(STANDARD, {"plan": "premium", "user_id": "alice"})]))
    parameters = {"e": "pv", "p": "web", "uid": "alice", "dtm": "1767323045678", "res": "1920x1080", "co": contexts}
    request = CollectorPayload(
        ip_address="192.0.2.7",
        timestamp=1_767_323_045_678,
        collector="snowveil-collector-0.1.0-kinesis",
        headers=("Content-Type: application/json", "Cookie: alice"),
        content_type="application/json",
    )
    raw = failed_events.raw_event_object(request, "com.snowplowanalytics.snowplow", "tp2", parameters)
    enriched = {"app_id": "gitlab", "user_id": "alice", "br_viewwidth": 800, "txn_id": None, "contexts": contexts}
    record = failed_events.failed_event(
        FailureKind.SCHEMA_VIOLATIONS, ENRICHER, failure, {"enriched": enriched, "raw": raw}
    )
    shown, original = transformed(record), json.loads(record)
    alice, unlisted = PSEUDONYM("alice", "user"), PSEUDONYM("alice")
    hidden = dump(wrap(CONTEXTS, [wrap(STANDARD, {"plan": "premium", "user_id": alice})]))
    assert shown["schema"] == FailureKind.SCHEMA_VIOLATIONS.schema
    assert shown["data"]["processor"] == original["data"]["processor"]
    expected_failure = original["data"]["failure"]
    expected_failure["messages"][1]["value"] = unlisted
    assert shown["data"]["failure"] == expected_failure
    content = shown["data"]["payload"]
    assert content["enriched"] == {**enriched, "user_id": alice, "contexts": hidden}
    shown_parameters = {each["name"]: each["value"] for each in content["raw"]["parameters"]}
    assert shown_parameters == {**parameters, "uid": alice, "co": hidden}
    assert content["raw"]["headers"] == ["content-type: application/json", f"cookie: {unlisted}"]
    assert content["raw"]["timestamp"] == raw["timestamp"]
    assert content["raw"]["ipAddress"] is None


def test_base64_parameters_are_treated_inside() -> None:
    contexts = wrap(CONTEXTS, [wrap(STANDARD, {"plan": "premium", "user_id": "alice"})])
    encoded = base64.urlsafe_b64encode(dump(contexts).encode()).decode().rstrip("=")
    pairs: list[Json] = [{"name": "cx", "value": encoded}, {"name": "cx", "value": "!alice!"}]
    request = CollectorPayload(ip_address="192.0.2.7", timestamp=0, collector="ssc")
    content = failed_events.collector_payload_object(request, "r", "tp2", pairs)
    shown = transformed(failed_events.failed_event(FailureKind.TRACKER_PROTOCOL_VIOLATIONS, ENRICHER, {}, content))
    first, second = shown["data"]["payload"]["querystring"]
    decoded = json.loads(base64.urlsafe_b64decode(first["value"] + "=="))
    assert decoded == wrap(CONTEXTS, [wrap(STANDARD, {"plan": "premium", "user_id": PSEUDONYM("alice", "user")})])
    assert second == {"name": "cx", "value": PSEUDONYM("!alice!")}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"alice", Reason.NOT_JSON),
        (b"[]", Reason.NOT_SELF_DESCRIBING),
        (b"{}", Reason.NOT_SELF_DESCRIBING),
        (b'{"a":NaN}', Reason.NOT_JSON),
        (b'{"a":"\\ud800"}', Reason.NOT_JSON),
        (b'{"a":"\xff"}', Reason.NOT_UTF8),
        (b'{"a":1,"a":2}', Reason.DUPLICATE_KEYS),
        (b'{"a":1,"a" :2}', Reason.DUPLICATE_KEYS),
        (b"[" * 101 + b"]" * 101, Reason.NESTED_TOO_DEEP),
        (b"[" * 1_000_000, Reason.NESTED_TOO_DEEP),
    ],
    ids=["empty", "text", "array", "nothing", "NaN", "surrogate", "bytes", "twice", "twice, spaced", "deep", "bomb"],
)
def test_what_is_no_json_is_refused(record: bytes, reason: Reason) -> None:
    with pytest.raises(UnprocessableError) as caught:
        TRANSFORM(record)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "text", ['{"a":":1"}', '{ "a" : {"b" : ":"} }', '{"":":"}', '{"":' + "[" * 99 + "]" * 99 + "}", '{"a":"\\":\\":"}']
)
def test_colons_in_texts_and_spaces_are_no_duplicate_keys(text: str) -> None:
    json.loads(TRANSFORM(text.encode()))
