"""CloudFront's access logs by Amazon Data Firehose: a page view for each line.

Wire contract (docs/reference/wire-contract.md): C.3 Adapters.
"""

import json
from base64 import b64encode
from copy import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from tests.fixtures.enricher import ETL_TSTAMP, GET, IGLU, good, messages, outputs
from wire.collector_payload import CollectorPayload, encode

ADAPTER = "adapter_failures/1-0-0"
LINE = {
    "timestamp(ms)": "1700000000123",
    "x-host-header": "www.example.com",
    "cs-protocol": "https",
    "cs-uri-stem": "/docs/a%20page",
    "cs-uri-query": "utm_source=chatgpt.com",
    "cs(User-Agent)": "Mozilla/5.0%20(compatible;%20GPTBot/1.2)",
    "cs(Referer)": "https://chatgpt.com/",
    "c-ip": "203.0.113.9",
}


def record(*lines: Any) -> dict[str, str]:
    return {"data": b64encode("".join(f"{json.dumps(line)}\n" for line in lines).encode()).decode()}


def delivery(*records: Any, querystring: str = "") -> CollectorPayload:
    body = json.dumps({"requestId": "1", "timestamp": 1, "records": list(records)})
    path = "/com.amazon.aws.cloudfront/firehose"
    return replace(GET, path=path, querystring=querystring, body=body, content_type="application/json")


@pytest.mark.contract("C.3/cloudfront")
def test_each_line_of_the_log_is_a_page_view() -> None:
    one, two, three = good(delivery(record(LINE), record({**LINE, "cs-uri-stem": "/b"}, {**LINE, "c-ip": "-"})))
    expected = {
        "event": "page_view",
        "platform": "srv",
        "app_id": "cloudfront",
        "v_tracker": "com.amazon.aws.cloudfront/firehose",
        "useragent": "Mozilla/5.0 (compatible; GPTBot/1.2)",
        "page_url": "https://www.example.com/docs/a%20page?utm_source=chatgpt.com",
        "page_urlpath": "/docs/a%20page",
        "page_urlquery": "utm_source=chatgpt.com",
        "page_referrer": "https://chatgpt.com/",
        "dvce_sent_tstamp": "2023-11-14 22:13:20.123",
        "user_ipaddress": "203.0.113.9",
    }
    assert {name: one[name] for name in expected} == expected
    assert (two["page_urlpath"], three["user_ipaddress"]) == ("/b", "")


@pytest.mark.contract("C.3/cloudfront")
def test_what_the_log_leaves_out_is_empty_and_not_firehoses_own() -> None:
    payload = replace(delivery(record({})), user_agent="Amazon Kinesis Data Firehose Agent/1.0", ip_address="192.0.2.1")
    (event,) = good(payload)
    names = ("useragent", "user_ipaddress", "page_url", "page_referrer", "dvce_sent_tstamp")
    assert [event[name] for name in names] == [""] * 5


@pytest.mark.contract("C.3/cloudfront")
def test_the_application_is_named_by_the_querystring() -> None:
    (event,) = good(delivery(record(LINE), querystring="aid=shop&p=web&uid=alice"))
    assert (event["app_id"], event["platform"], event["user_id"]) == ("shop", "srv", "")


@pytest.mark.contract("C.3/cloudfront refused")
@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (replace(delivery(), body=None), {"field": "body", "expectation": "empty body: no records to process"}),
        (delivery(), {"field": "body", "expectation": "empty list of records"}),
        (replace(delivery(), body="\x1f\x8b"), {"field": "body", "error": "invalid json: malformed"}),
        (replace(delivery(), body="{}"), {"error": "invalid json: Object missing required field `records`"}),
        (replace(delivery(), body='{"a":' * 5_000), {"error": "invalid json: malformed"}),
        (delivery({"data": "%"}), {"field": "records[0]", "error": "not base64 of UTF-8"}),
        (delivery(record([])), {"field": "records[0]", "error": "invalid json: Expected `object`, got `array`"}),
        (delivery({"data": b64encode(b"{").decode()}), {"field": "records[0]", "error": "invalid json: malformed"}),
    ],
)  # fmt: skip
def test_a_delivery_that_cannot_be_read_is_a_failed_event_as_a_whole(
    payload: CollectorPayload, expected: dict[str, str]
) -> None:
    (found,) = messages(payload, ADAPTER)
    assert {**found, **expected} == found
    assert json.loads(outputs(encode(payload)).bad[0])["data"]["payload"]["body"] == payload.body


@pytest.mark.contract("C.3/cloudfront refused")
def test_a_record_that_cannot_be_read_costs_none_of_its_neighbours() -> None:
    broken = {"data": b64encode(b"{").decode()}
    made = outputs(encode(delivery(record(LINE), broken, record(LINE, LINE))))
    assert len(made.good) == 3
    (event,) = map(json.loads, made.bad)
    (message,) = event["data"]["failure"]["messages"]
    assert message["field"] == "records[1]"
    assert json.loads(event["data"]["payload"]["body"]) == {"records": [broken]}
    together = Outputs()
    RecordEnricher(IGLU, 1_000_000).add_all([encode(delivery(record(LINE), broken))] * 2, ETL_TSTAMP, together)
    assert (len(together.good), len(together.bad)) == (2, 2)


@given(st.lists(st.binary(max_size=40) | st.dictionaries(st.sampled_from([*LINE]), st.text(max_size=9)).map(
    lambda line: json.dumps(line).encode()), max_size=4))  # fmt: skip
def test_any_delivery_gives_outputs_and_no_bug(contents: list[bytes]) -> None:
    made = outputs(encode(delivery(*({"data": b64encode(content).decode()} for content in contents))))
    assert made.good or made.bad
    assert not any(b"internal error" in event for event in made.bad)
