"""What this repository's enricher writes goes through: its messages stay readable, no text of the sender does."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_src.pseudonymizer.formats import enriched_event, failed_event
from services.enricher.iglu.validation import Iglu
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.unit.pseudonymizer.samples import CONTEXTS, CSP, ROOT, STANDARD, UNSTRUCT, cells_of, dump, make_plan, wrap
from wire.collector_payload import CollectorPayload, encode

PLAN = make_plan()
ENRICHER = RecordEnricher(Iglu(ROOT / "schemas"), max_record_size=20_000, max_incomplete_size=1_000_000)
REASONS = {"message", "error", "expectation", "path", "keyword", "field", "payloadField", "schemaCriterion"}
EVENT = {"e": "pv", "p": "web", "tv": "js-3.24.2", "url": "https://gitlab.com/alice?q=alice", "uid": "alice"}


def request(body: str | None = None, **changes: Any) -> bytes:
    fields = {
        "ip_address": "192.0.2.9",
        "timestamp": 1_767_323_045_678,
        "collector": "snowveil-collector-0.1.0-kinesis",
        "path": "/com.snowplowanalytics.snowplow/tp2",
        "body": body,
        "content_type": "application/json",
        "headers": ("Cookie: sp=alice", "User-Agent: alice", "Host: alice.example"),
        "network_user_id": "5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11",
    }
    return encode(CollectorPayload(**{**fields, **changes}))


def events(**changes: str) -> bytes:
    return request(dump(wrap(f"{CSP}/payload_data/jsonschema/1-0-4", [EVENT | changes])))


def contexts(*entities: object) -> str:
    return dump(wrap(CONTEXTS, list(entities)))


def enriched(record: bytes) -> Outputs:
    outputs = Outputs()
    ENRICHER.add(record, "2026-01-02 03:04:05.678", outputs)
    return outputs


def texts(value: object, key: str = "") -> Iterator[str]:
    """Yield the texts that say what is wrong."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, key)
    elif isinstance(value, str) and key in REASONS:
        yield value


def test_a_good_event_goes_through() -> None:
    (line,) = enriched(
        events(co=contexts(wrap(STANDARD, {"environment": "production", "source": "x", "user_id": 1})))
    ).good
    shown = enriched_event.make(PLAN).line(line)
    assert "alice" not in shown
    assert cells_of(shown)["v_tracker"] == EVENT["tv"]


@pytest.mark.parametrize(
    "record",
    [
        events(eid="alice", vid="alice", dtm="alice", res="alice", se_va="alice", cookie="alice", ttm="9" * 17),
        events(e="alice"),
        events(alice="alice"),
        events(uid="alice" * 60),
        events(url="ht tp://[alice"),
        events(co="alice{"),
        events(co='{"schema":"alice","data":[]}'),
        events(co=dump(wrap(UNSTRUCT, []))),
        events(co=contexts(wrap(STANDARD, {"environment": 5, "alice": "alice"}))),
        events(co=contexts(wrap("iglu:com.alice/alice/jsonschema/1-0-0", {"alice": 1}))),
        events(page="alice" * 5_000),
        request("alice{"),
        request("[]"),
        request(dump(wrap(STANDARD, []))),
        request("alice", content_type="text/alice"),
        request(None),
        request(None, querystring="e=pv&aid=%zz"),
        request(None, querystring="e=pv", path="/alice/alice"),
        request(None, querystring="e=pv", path="/alice"),
        request(None, querystring="e=pv", network_user_id="alice"),
        b"nonsense",
        b"",
    ],
)
def test_failed_events_say_why_and_not_whose(record: bytes) -> None:
    made = enriched(record)
    failed = made.bad
    assert failed
    for line in made.incomplete:
        assert "alice" not in enriched_event.make(PLAN).line(line).lower()
    for original in failed:
        shown = failed_event.make(PLAN).line(original)
        assert "alice" not in shown.lower()
        before, after = json.loads(original), json.loads(shown)
        assert after["schema"] == before["schema"]
        assert after["data"]["processor"] == before["data"]["processor"]
        assert after["data"]["failure"]["timestamp"] == before["data"]["failure"]["timestamp"]
        reasons = list(texts(after["data"]["failure"]))
        assert reasons
        assert [text for text in reasons if re.fullmatch("[0-9a-f]{64}|.*<value>.*", text)] == []


def test_a_failed_event_names_the_property_that_is_missing() -> None:
    (original,) = enriched(events(co=contexts(wrap(STANDARD, {"source": "x", "alice": "alice"})))).bad
    shown = json.loads(failed_event.make(PLAN).line(original))
    messages = shown["data"]["failure"]["messages"]
    reports = [report for message in messages for report in message["error"]["dataReports"]]
    assert {"environment"} <= {target for report in reports for target in report["targets"]}
    assert "alice" not in json.dumps(shown)
