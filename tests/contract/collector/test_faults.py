"""What is accepted is stored: oversized payloads, a refusing, an unreachable Kinesis, a full buffer, SIGTERM."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from wire.collector_payload import decode

TP2 = "/com.snowplowanalytics.snowplow/tp2"
SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
ROOT = Path(__file__).resolve().parents[3]

type Collector = Any
type StartCollector = Callable[..., Any]


def accepted(collector: Collector, start: int, count: int) -> set[str]:
    """Send `count` numbered requests and return the querystrings of those that were answered with 200."""
    with ThreadPoolExecutor(4) as pool:
        targets = [f"n={n}" for n in range(start, start + count)]
        answers = pool.map(lambda query: collector.request("GET", f"/i?{query}").status, targets)
    return {target for target, status in zip(targets, answers, strict=True) if status == 200}


def stored(collector: Collector) -> list[str]:
    return sorted(decode(record).querystring or "" for record in collector.kinesis.of("good"))


@pytest.mark.contract("B.8/packing", "B.4/key-random", "B.9/write")
def test_payload_over_a_records_limit_is_split_by_its_events(start_collector: StartCollector) -> None:
    collector = start_collector()
    events = [{"e": "pv", "n": str(n), "x": "y" * 9_000} for n in range(113)]
    body = json.dumps({"schema": SCHEMA, "data": events}).encode()
    assert 1_000_000 < len(body) < 1_048_000
    assert collector.request("POST", TP2, {"Content-Type": "application/json"}, body).status == 200
    payloads = collector.payloads(2)
    assert [event for payload in payloads for event in json.loads(payload.body)["data"]] == events
    first, second = collector.kinesis.records
    assert first.key == second.key
    assert max(len(first.data), len(second.data)) < 1_000_000


@pytest.mark.contract("B.8/too-large", "B.8/rendering", "B.9/write")
def test_what_cannot_be_split_is_a_size_violation_on_the_bad_stream(start_collector: StartCollector) -> None:
    collector = start_collector()
    assert collector.request("POST", TP2, {"Content-Type": "application/json"}, b"\xff" * 600_000).status == 200
    collector.kinesis.wait_for(1)
    (record,) = collector.kinesis.records
    assert record.stream == "bad"
    assert len(record.data) < 1_000_000
    event = json.loads(record.data)
    assert event["schema"] == "iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0"
    assert event["data"]["failure"]["maximumAllowedSizeBytes"] == 1_048_576
    assert event["data"]["payload"].startswith("CollectorPayload(schema:iglu:")


@pytest.mark.contract("B.9/partial-failure")
def test_refused_entries_alone_are_tried_again(start_collector: StartCollector) -> None:
    collector = start_collector()
    collector.kinesis.refuse = lambda offer: offer < 100 and offer % 3 == 0
    sent = accepted(collector, 0, 60)
    assert len(sent) == 60
    collector.kinesis.wait_for(60)
    assert collector.terminate() == 0
    assert stored(collector) == sorted(sent)
    assert "(ProvisionedThroughputExceededException)" in collector.log()


@pytest.mark.contract("B.9/retries")
def test_calls_refused_altogether_are_repeated(start_collector: StartCollector) -> None:
    collector = start_collector()
    collector.kinesis.refuse_calls = True
    sent = accepted(collector, 0, 20)
    collector.kinesis.wait_for_offers(20)
    collector.kinesis.refuse_calls = False
    collector.kinesis.wait_for(20)
    assert stored(collector) == sorted(sent)
    assert "(LimitExceededException)" in collector.log()


@pytest.mark.contract("B.9/retries")
def test_nothing_is_lost_while_kinesis_is_unreachable_at_the_start(start_collector: StartCollector) -> None:
    collector = start_collector(kinesis_is_up=False)
    for stream in ("good", "bad"):
        collector.wait_for_log(f"stream {stream}: takes no records or not all (ConnectionRefusedError)")
    sent = accepted(collector, 0, 100)
    assert not Event().wait(3)
    assert collector.request("GET", "/health").status == 200
    sent |= accepted(collector, 100, 100)
    collector.kinesis.up()
    collector.kinesis.wait_for(200)
    collector.kinesis.down()
    sent |= accepted(collector, 200, 100)
    collector.wait_for_log("WARNING", 3)
    collector.kinesis.up()
    assert collector.terminate() == 0
    assert len(sent) == 300
    assert set(stored(collector)) == sent
    warnings = [line for line in collector.log().splitlines() if "WARNING" in line]
    assert len(warnings) == 3


@pytest.mark.contract("B.9/full")
def test_full_buffer_answers_503_and_loses_nothing_accepted_before(start_collector: StartCollector) -> None:
    collector = start_collector(kinesis_is_up=False)
    body = b"x" * 990_000
    count = 0
    connection = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=120)
    for _ in range(200):
        connection.request("POST", "/a/b", body)
        response = connection.getresponse()
        response.read()
        if response.status == 503:
            break
        assert response.status == 200
        count += 1
    assert response.status == 503
    assert response.headers["Retry-After"] == "5"
    assert 96 <= count <= 104  # 128 MiB of records in base64
    assert collector.request("GET", "/health").status == 200
    collector.kinesis.up()
    collector.kinesis.wait_for(count, timeout=240)
    assert collector.request("POST", "/a/b", None, b"again").status == 200
    assert collector.terminate() == 0
    assert len(collector.kinesis.records) == count + 1


@pytest.mark.contract("B.9/shutdown", "B.9/buffer")
def test_sigterm_serves_on_then_writes_all_and_exits_0(start_collector: StartCollector) -> None:
    collector = start_collector(
        preTerminationPeriod="1 second",
        streams={
            name: {"name": name, "region": "eu-west-1", "buffer": {"timeLimit": 60_000}} for name in ("good", "bad")
        },
    )
    sent = accepted(collector, 0, 50)
    assert collector.kinesis.records == []
    collector.process.send_signal(signal.SIGTERM)
    late = accepted(collector, 50, 50)
    assert len(late) == 50
    assert collector.process.wait(120) == 0
    assert not collector.is_listening()
    assert stored(collector) == sorted(sent | late)
    assert "everything accepted is in the streams" in collector.log()


def test_sigterm_with_kinesis_away_waits_until_all_is_written(start_collector: StartCollector) -> None:
    collector = start_collector(kinesis_is_up=False)
    sent = accepted(collector, 0, 20)
    collector.process.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        collector.process.wait(2)
    assert not collector.is_listening()
    collector.kinesis.up()
    assert collector.process.wait(120) == 0
    assert stored(collector) == sorted(sent)


def test_what_is_acknowledged_under_load_during_sigterm_is_stored(start_collector: StartCollector) -> None:
    collector = start_collector(preTerminationPeriod="300 milliseconds")
    collector.kinesis.refuse = lambda offer: offer % 50 == 0
    acknowledged: list[list[str]] = [[], [], []]
    started = [Event() for _ in acknowledged]

    def send(sender: int) -> None:
        with socket.create_connection(("127.0.0.1", collector.port)) as client, client.makefile("rb") as answers:
            for n in range(1_000_000):
                try:
                    client.sendall(f"GET /i?n={sender}.{n} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
                    head = b"".join(iter(answers.readline, b"\r\n")) if answers.peek(1) else b""
                    body = answers.read(43) if head else b""
                except OSError:
                    return
                if not head.startswith(b"HTTP/1.1 200") or len(body) < 43:
                    return
                acknowledged[sender].append(f"n={sender}.{n}")
                started[sender].set()

    with ThreadPoolExecutor(3) as pool:
        sending = [pool.submit(send, sender) for sender in range(3)]
        assert all(event.wait(120) for event in started)
        assert collector.terminate() == 0
        for each in sending:
            each.result(120)
    sent = [query for queries in acknowledged for query in queries]
    assert len(sent) > 100
    found = stored(collector)
    assert set(sent) <= set(found)
    assert len(found) == len(set(found))
    assert len(found) - len(sent) <= 3


@pytest.mark.parametrize("arguments", [[], ["--config", "absent.json"]])
def test_wrong_command_line_or_configuration_exits_2(arguments: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "services.collector", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "--config" in ended.stderr


def test_port_in_use_is_one_line_and_exits_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        stream = {"name": "s", "region": "eu-west-1"}
        config = {"interface": "127.0.0.1", "port": taken.getsockname()[1], "streams": {"good": stream, "bad": stream}}
        file = tmp_path / "collector.json"
        file.write_text(json.dumps({"collector": config}))
        ended = subprocess.run(
            [sys.executable, "-m", "services.collector", "--config", str(file)],
            cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "x",
                 "AWS_SECRET_ACCESS_KEY": "x"},
        )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("cannot listen on 127.0.0.1:")
    assert "Traceback" not in ended.stderr


def test_help_shows_an_example_that_is_accepted(start_collector: StartCollector) -> None:
    text = subprocess.run(
        [sys.executable, "-m", "services.collector", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    example = json.loads(text[text.index('{"collector"') : text.index("exit codes")])
    collector = start_collector(**{key: value for key, value in example["collector"].items() if key == "cookie"})
    assert collector.request("GET", "/i", {"Origin": "https://example.com"}).header("set-cookie")
