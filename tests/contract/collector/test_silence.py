"""No line that the collector prints, at any level and whatever fails, holds anything of a request."""

import json
from collections.abc import Callable
from typing import Any

SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
CANARY = "canary7f3a"
ADDRESS = "203.0.113.77"

type StartCollector = Callable[..., Any]


def test_logs_and_metrics_hold_nothing_of_a_request(start_collector: StartCollector) -> None:
    collector = start_collector()
    headers = {
        "User-Agent": CANARY,
        "Cookie": f"sp={CANARY}; x={CANARY}",
        "X-Forwarded-For": ADDRESS,
        "Origin": f"https://{CANARY}.example.org",
        "Referer": f"https://example.org/{CANARY}",
    }
    body = json.dumps({"schema": SCHEMA, "data": [{"e": "pv", "uid": CANARY}]}).encode()
    collector.kinesis.refuse = lambda offer: offer == 0
    assert collector.request("POST", f"/a/{CANARY}?nuid={CANARY}", headers, body).status == 200
    assert collector.request("GET", f"/{CANARY}", headers).status == 404
    assert collector.request("POST", "/a/b", headers, CANARY.encode() * 150_000).status == 200
    assert collector.request("POST", "/a/b", headers, CANARY.encode() * 300_000).status == 413
    for message in (
        f"GET /i?{CANARY}|x HTTP/1.1\r\nConnection: close\r\nA: {CANARY}\r\n\r\n",
        f"GET /i HTTP/1.1\r\n{CANARY}\x00: {CANARY}\r\n\r\n",
        f"POST /i HTTP/1.1\r\nContent-Length: {CANARY}\r\n\r\n",
        f"{CANARY}\r\n\r\n",
    ):
        assert collector.raw(message.encode()).startswith(b"HTTP/1.1 400 ")
    collector.kinesis.wait_for(2)
    collector.kinesis.refuse_calls = True
    collector.request("GET", f"/i?{CANARY}", headers)
    collector.kinesis.wait_for_offers(collector.kinesis.offered + 1)
    collector.kinesis.refuse_calls = False
    collector.kinesis.down()
    collector.request("GET", f"/i?{CANARY}", headers)
    collector.process.send_signal(15)
    collector.kinesis.up()
    assert collector.process.wait(120) == 0
    assert len(set(collector.kinesis.of("good"))) == 3
    assert len(set(collector.kinesis.of("bad"))) == 1
    log = collector.log()
    assert "DEBUG" in log
    assert "services.collector" in log
    assert "botocore" not in log
    assert CANARY not in log
    assert ADDRESS not in log
