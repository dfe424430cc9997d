"""Payloads that are too large for a record, over the socket, with small limits.

Wire contract (docs/reference/wire-contract.md): B.8 Oversized payloads.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from wire.collector_payload import decode

TP2 = "/com.snowplowanalytics.snowplow/tp2"
SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
MAX_BYTES, MAX_PAYLOAD = 10_000, 50_000
JSON = {"Content-Type": "application/json"}
LARGE = "x" * 12_000

type Collector = Any
type StartCollector = Callable[..., Any]


@pytest.fixture(scope="module")
def small(start_collector: StartCollector) -> Collector:
    stream = {"region": "eu-west-1", "buffer": {"timeLimit": 20}, "maxBytes": MAX_BYTES}
    return start_collector(
        streams={"good": {"name": "good", **stream}, "bad": {"name": "bad", **stream, "maxBytes": 1_000_000}},
        networking={"maxPayloadSize": MAX_PAYLOAD},
    )


def envelope(*events: dict[str, str]) -> bytes:
    return json.dumps({"schema": SCHEMA, "data": events}, separators=(",", ":")).encode()


def violation(small: Collector, before: int) -> dict[str, Any]:
    """Return the one failed event that came after `before` others."""
    small.kinesis.wait_for(before + 1, "bad")
    (record,) = small.kinesis.of("bad")[before:]
    event = json.loads(record)
    assert event["schema"] == "iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0"
    data: dict[str, Any] = event["data"]
    return data


@pytest.mark.contract("B.8/whole")
def test_payload_below_the_limit_is_one_record(small: Collector) -> None:
    small.request("POST", TP2, JSON, envelope({"e": "x" * 9_000}))
    (payload,) = small.payloads(1)
    assert payload.body == envelope({"e": "x" * 9_000}).decode()


@pytest.mark.contract("B.8/too-large", "B.8/rendering")
def test_payload_over_max_payload_size_is_not_split(small: Collector) -> None:
    before = len(small.kinesis.of("bad"))
    small.request("POST", TP2, JSON, envelope(*[{"e": "x" * 1000}] * 60))
    data = violation(small, before)
    failure = data["failure"]
    assert failure["maximumAllowedSizeBytes"] == MAX_PAYLOAD
    assert failure["actualSizeBytes"] > 60_000
    assert failure["expectation"] == (
        f"oversized collector payload: Payload exceeds max size of {MAX_PAYLOAD}. "
        f"Actual length: {failure['actualSizeBytes']}"
    )
    assert data["payload"].startswith("CollectorPayload(schema:iglu:com.snowplowanalytics.snowplow/CollectorPayload/")
    assert len(data["payload"]) == MAX_PAYLOAD // 10


@pytest.mark.parametrize(
    ("method", "target", "body", "message"),
    [
        pytest.param(
            "GET", f"/i?e={LARGE}", None, "GET requests cannot be split", marks=pytest.mark.contract("B.8/get")
        ),
        pytest.param(
            "POST", TP2, LARGE, "cannot split POST requests which are not json",
            marks=pytest.mark.contract("B.8/not-json"),
        ),
        pytest.param(
            "POST", TP2, json.dumps({"a": LARGE}), "cannot split POST requests which are not self-describing",
            marks=pytest.mark.contract("B.8/not-self-describing"),
        ),
        pytest.param(
            "POST", TP2, json.dumps({"schema": SCHEMA, "data": LARGE}),
            "cannot split POST requests which do not contain a data array", marks=pytest.mark.contract("B.8/no-array"),
        ),
        pytest.param(
            "POST", f"{TP2}?x={LARGE}", json.dumps({"schema": SCHEMA, "data": [{"e": "pv"}]}),
            'cannot split this POST request because event without "data" field is still too big',
            marks=pytest.mark.contract("B.8/envelope"),
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_split_says_why(
    small: Collector, method: str, target: str, body: str | None, message: str
) -> None:
    before = len(small.kinesis.of("bad"))
    assert small.request(method, target, JSON, None if body is None else body.encode()).status == 200
    data = violation(small, before)
    assert data["failure"]["expectation"].startswith(f"oversized collector payload: {message}")
    assert data["failure"]["maximumAllowedSizeBytes"] == MAX_BYTES
    assert data["failure"]["actualSizeBytes"] > 12_000
    assert data["processor"]["artifact"] == "snowveil-collector"


@pytest.mark.contract("B.8/packing", "B.4/key-random")
def test_events_are_packed_and_one_that_fits_nowhere_fails_alone(small: Collector) -> None:
    events = [{"e": str(n), "x": "x" * 3_000} for n in range(7)]
    before = len(small.kinesis.of("bad"))
    small.request("POST", f"{TP2}?q=1", JSON, envelope(*events[:3], {"e": LARGE}, *events[3:]))
    payloads = small.payloads(3)
    batches = [json.loads(payload.body)["data"] for payload in payloads]
    assert batches == [events[:3], events[3:6], events[6:]]
    assert {json.loads(payload.body)["schema"] for payload in payloads} == {SCHEMA}
    assert len({(payload.querystring, payload.network_user_id, payload.timestamp) for payload in payloads}) == 1
    data = violation(small, before)
    assert data["failure"]["expectation"] == "oversized collector payload: this POST request split is still too large"
    assert data["failure"]["actualSizeBytes"] == len(json.dumps({"e": LARGE}, separators=(",", ":")))
    assert len({record.key for record in small.kinesis.records[-4:]}) == 1
    assert max(len(record) for record in small.kinesis.of("good")) < MAX_BYTES
    assert [decode(record).path for record in small.kinesis.of("good")[-3:]] == [TP2] * 3
