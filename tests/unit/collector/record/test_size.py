import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collector.record.size import Limits, fit
from wire.collector_payload import CollectorPayload, decode, encode

SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
LIMITS = Limits(good=2_000, bad=10_000, payload=8_000)


def payload(body: str | None) -> CollectorPayload:
    return CollectorPayload(
        ip_address="10.0.0.1", timestamp=1, collector="c", path="/a/b", querystring="", body=body, headers=("A: b", "C")
    )


def batch(events: list[object], **json_style: object) -> str:
    return json.dumps({"schema": SCHEMA, "data": events}, ensure_ascii=False, **json_style)  # type: ignore[arg-type]


def failure(record: bytes) -> dict[str, object]:
    event = json.loads(record)
    assert event["schema"] == "iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0"
    assert event["data"]["processor"] == {"artifact": "snowveil-collector", "version": "0.1.0"}
    return {**event["data"]["failure"], "payload": event["data"]["payload"]}


def expectation(body: str | None) -> str:
    good, bad = fit(encode(payload(body)), LIMITS)
    assert good == []
    (record,) = bad
    found = failure(record)
    assert found["maximumAllowedSizeBytes"] == LIMITS.good
    assert found["actualSizeBytes"] == len(encode(payload(body)))
    return str(found["expectation"])


def test_record_smaller_than_the_limit_is_one_record() -> None:
    whole = payload("x" * (LIMITS.good - 1 - len(encode(payload("")))))
    record = encode(whole)
    assert len(record) == LIMITS.good - 1
    assert fit(record, LIMITS) == ([record], [])


def test_payload_at_the_limit_is_not_one_record() -> None:
    assert "not json" in expectation("x" * (LIMITS.good - len(encode(payload("")))))


def test_what_exceeds_the_payload_limit_is_not_split() -> None:
    large = payload(batch([{"e": "x" * 100}] * 100))
    good, (record,) = fit(encode(large), LIMITS)
    assert good == []
    found = failure(record)
    size = len(encode(large))
    assert (
        found["expectation"] == f"oversized collector payload: Payload exceeds max size of 8000. Actual length: {size}"
    )
    assert (found["maximumAllowedSizeBytes"], found["actualSizeBytes"]) == (8000, size)
    text = found["payload"]
    assert isinstance(text, str)
    assert len(text) == 800


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x" * 2000, "cannot split POST requests which are not json JSON is malformed"),
        (f'["{"x" * 2000}"]', "cannot split POST requests which are not self-describing"),
        (f'{{"schema":"{SCHEMA}","dat":"{"x" * 2000}"}}', "cannot split POST requests which are not self-describing"),
        (f'{{"schema":"iglu:a","data":["{"x" * 2000}"]}}', "cannot split POST requests which are not self-describing"),
        (f'{{"schema":1,"data":["{"x" * 2000}"]}}', "cannot split POST requests which are not self-describing"),
        (
            f'{{"schema":"{SCHEMA}","data":"{"x" * 2000}"}}',
            "cannot split POST requests which do not contain a data array",
        ),
        (
            f'{{"schema":"{SCHEMA}","data":["x"],"more":"{"x" * 2000}"}}',
            'cannot split this POST request because event without "data" field is still too big',
        ),
        (
            f'{{"schema":"{SCHEMA}","data":[]{" " * 2000}}}',
            'cannot split this POST request because event without "data" field is still too big',
        ),
    ],
)
def test_what_cannot_be_split_is_one_size_violation(body: str, message: str) -> None:
    assert expectation(body).startswith(f"oversized collector payload: {message}")


def test_body_nested_without_end_is_one_size_violation() -> None:
    limits = Limits(good=2_000, bad=10_000, payload=10_000_000)
    good, (record,) = fit(encode(payload("[" * 1_000_000)), limits)
    assert good == []
    assert str(failure(record)["expectation"]).endswith("which are not json nested too deeply")


def test_request_without_events_at_the_limit_is_one_size_violation() -> None:
    empty = f'{{"schema":"{SCHEMA}","data":[]}}'
    body = empty + " " * (LIMITS.good - len(encode(payload(empty))))
    assert len(encode(payload(body))) == LIMITS.good
    assert "too big" in expectation(body)


def test_large_get_is_one_size_violation() -> None:
    large = CollectorPayload(ip_address="10.0.0.1", timestamp=1, collector="c", path="/i", querystring="x" * 3000)
    good, (record,) = fit(encode(large), LIMITS)
    assert good == []
    assert failure(record)["expectation"] == "oversized collector payload: GET requests cannot be split"


def test_no_failure_text_quotes_the_request() -> None:
    for body in ["canary " * 300, f'{{"canary":"{"x" * 2000}"}}', f'{{"schema":"canary","data":["{"x" * 2000}"]}}']:
        assert "canary" not in expectation(body)


def test_event_too_large_for_any_record_fails_alone() -> None:
    events: list[object] = [{"e": "small-1"}, {"e": "x" * 2000}, {"e": "small-2"}]
    good, (record,) = fit(encode(payload(batch(events))), LIMITS)
    assert [json.loads(decode(each).body or "")["data"] for each in good] == [[{"e": "small-1"}, {"e": "small-2"}]]
    found = failure(record)
    assert found["expectation"] == "oversized collector payload: this POST request split is still too large"
    assert (found["maximumAllowedSizeBytes"], found["actualSizeBytes"]) == (2000, len('{"e":""}') + 2000)


def test_fullest_batch_is_smaller_than_the_limit() -> None:
    # One event of every size around the room that is left: the boundary is crossed byte by byte.
    sizes = []
    for length in range(1_600, 1_900):
        good, bad = fit(encode(payload(batch([{"e": "x" * length}, {"e": "y" * 1600}], separators=(",", ":")))), LIMITS)
        sizes += [len(record) for record in good]
        assert len(good) + len(bad) == 2
    assert max(sizes) == LIMITS.good - 1


def test_size_violation_renders_the_payload_as_java_does() -> None:
    record = CollectorPayload(
        ip_address="10.0.0.1",
        timestamp=2,
        collector="c",
        user_agent="ua",
        path="/i",
        querystring="x" * 3000,
        headers=("A: b", "C: d"),
        network_user_id="u",
    )
    _, (bad,) = fit(encode(record), Limits(good=2000, bad=100_000, payload=1_000_000))
    assert failure(bad)["payload"] == (
        "CollectorPayload(schema:iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-0, "
        "ipAddress:10.0.0.1, timestamp:2, encoding:UTF-8, collector:c, userAgent:ua, path:/i, querystring:"
    ).ljust(200, "x")


values = st.one_of(st.text(max_size=30), st.integers(), st.text('x\x00ü😀"', min_size=100, max_size=900))
events = st.lists(st.one_of(st.dictionaries(st.text(max_size=3), values, max_size=3), values), min_size=1, max_size=40)


@settings(deadline=None, max_examples=200)
@given(events, st.sampled_from([{}, {"separators": (",", ":")}, {"indent": 3}]), st.booleans())
def test_every_event_comes_out_once_or_in_a_size_violation(
    wanted: list[object], style: dict[str, object], as_ascii: bool
) -> None:
    body = json.dumps({"data": wanted, "schema": SCHEMA}, ensure_ascii=as_ascii, **style)  # type: ignore[arg-type]
    limits = Limits(good=1_500, bad=10_000, payload=1_000_000)
    original = payload(body)
    good, bad = fit(encode(original), limits)
    assert all(len(record) < limits.good for record in good)
    assert all(len(record) < limits.bad for record in bad)
    found: list[object] = []
    for record in good:
        split = decode(record)
        content = json.loads(split.body or "")
        assert content["schema"] == SCHEMA
        assert content["data"]
        found += content["data"]
        assert (split.ip_address, split.headers, split.path) == (original.ip_address, original.headers, original.path)
    if bad and not good and len(bad) == 1 and failure(bad[0])["actualSizeBytes"] == len(encode(original)):
        return
    missing = Counter(map(json.dumps, wanted)) - Counter(map(json.dumps, found))
    assert not Counter(map(json.dumps, found)) - Counter(map(json.dumps, wanted))
    assert missing.total() == len(bad)


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(1, 20))
def test_any_body_gives_records(content: bytes, times: int) -> None:
    body = (content * times).decode("utf-8", "replace")
    good, bad = fit(encode(payload(body)), Limits(good=500, bad=10_000, payload=5_000))
    assert good or bad
