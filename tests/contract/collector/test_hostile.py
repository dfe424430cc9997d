"""Hostile input on raw sockets: an error or a well-formed record, and the collector serves on and says nothing."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest

CANARY = "canary5d1e"
SECONDS = 0.6

type Collector = Any
type StartCollector = Callable[..., Any]


@pytest.fixture(scope="module")
def hasty(start_collector: StartCollector) -> Collector:
    return start_collector(
        networking={
            "responseHeaderTimeout": f"{int(SECONDS * 1000)} milliseconds",
            "bodyReadTimeout": f"{int(SECONDS * 1000)} milliseconds",
            "dropPayloadSize": 100_000,
        },
        cookie={"domains": ["example.org"]},
    )


@pytest.fixture(autouse=True)
def serves_on(hasty: Collector) -> Iterator[None]:
    """After each test: no defect, the process lives, a good request is recorded next, and no text of ours is logged."""
    yield
    query = f"after={uuid4()}"
    assert hasty.request("GET", f"/i?{query}").status == 200
    while query not in [payload.querystring for payload in hasty.payloads_so_far()]:
        hasty.kinesis.wait_for(hasty.seen + 1, "good")
    log = hasty.log()
    assert CANARY not in log
    assert "answered with 500" not in log
    assert "a connection failed" not in log


def statuses(received: bytes) -> list[int]:
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]


def send(hasty: Collector, message: bytes) -> list[int]:
    return statuses(hasty.raw(message))


def post(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join(["POST /a/b HTTP/1.1", "Host: h", *lines, "", ""]).encode("latin-1") + body


CHUNKED = "Transfer-Encoding: chunked"
SMUGGLED = f"GET /{CANARY}/x HTTP/1.1\r\nHost: h\r\n\r\n".encode()


@pytest.mark.parametrize(
    "message",
    [
        post("Content-Length: 3", "Content-Length: 4", body=b"abcd" + SMUGGLED),
        post("Content-Length: 3", "Content-Length: 3", body=b"abc" + SMUGGLED),
        post("Content-Length: 3, 4", body=b"abcd" + SMUGGLED),
        post("Content-Length: +3", body=b"abc" + SMUGGLED),
        post("Content-Length: -3", body=b"abc" + SMUGGLED),
        post("Content-Length: 0x3", body=b"abc" + SMUGGLED),
        post("Content-Length: 3 3", body=b"abc" + SMUGGLED),
        post("Content-Length: ", body=SMUGGLED),
        post("Content-Length: 18446744073709551619", body=b"abc" + SMUGGLED),
        post("Content-Length: \xb2", body=b"ab" + SMUGGLED),
        post("Content-Length: 5", CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
        post(CHUNKED, "Content-Length: 5", body=b"0\r\n\r\n" + SMUGGLED),
        post("Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SMUGGLED),
        post("Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SMUGGLED),
        post("Transfer-Encoding: identity", body=SMUGGLED),
        post("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n" + SMUGGLED),
        post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
        post("Transfer-Encoding : chunked", body=b"0\r\n\r\n" + SMUGGLED),
        post("Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n" + SMUGGLED),
        post("Transfer-Encoding: \x00chunked", body=b"0\r\n\r\n" + SMUGGLED),
        post("X: y", " Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
        post("X: y\n\tz", body=SMUGGLED),
        post("X: y\rContent-Length: 3", body=b"abc" + SMUGGLED),
        post("X\r: y", body=SMUGGLED),
        post("X y: z", body=SMUGGLED),
        post(": z", body=SMUGGLED),
        post("X: a\x00b", body=SMUGGLED),
        post("X: a\x7fb\x01", body=SMUGGLED),
        post("Host: other", body=SMUGGLED),
        b"GET /i HTTP/1.1\r\nX: no host\r\n\r\n" + SMUGGLED,
        b"GET /i HTTP/1.1\nHost: h\n\n" + SMUGGLED,
        b"GET /i HTTP/1.1\r\nHost: h\n\r\n" + SMUGGLED,
        b"GET /i HTTP/1.1\rHost: h\r\r" + SMUGGLED,
        b"GET\t/i\tHTTP/1.1\r\nHost: h\r\n\r\n" + SMUGGLED,
        b" GET /i HTTP/1.1\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i HTTP/1.1 \r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i HTTP/1.2\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i HTTP/9.9\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i HTTP/2.0\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i HTTP/0.9\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i RTSP/1.0\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"SOURCE /i ICE/1.0\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i?x={ HTTP/1.1\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i http/1.1\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i\r\n\r\n",
        b"get /i HTTP/1.1\r\nHost: h\r\n\r\n" + SMUGGLED,
        b"GET /i HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * 10_000 + b"\r\n" + SMUGGLED,
        b"GET /i HTTP/1.1\r\nHost: h\r\n" + b"X" * 50_000 + b": y\r\n\r\n" + SMUGGLED,
        b"GET /i?" + b"x" * 30_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n" + SMUGGLED,
        post("Connection: Upgrade", "Upgrade: h2c", "X: " + "y" * 50_000, body=SMUGGLED),
        b"GET /i HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + SMUGGLED,
        b"\x00" * 5_000,
        b"\xff\xfe" * 5_000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x00\xf4\x01\x00\x00\xf0\x03\x03",
    ],
    ids=str,
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_400_and_ends_the_connection(
    hasty: Collector, message: bytes
) -> None:
    before = len(hasty.kinesis.records)
    assert send(hasty, message) == [400]
    assert len(hasty.kinesis.records) == before


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"-1\r\nabc\r\n0\r\n\r\n", [400]),
        (b"+3\r\nabc\r\n0\r\n\r\n", [400]),
        (b"0x3\r\nabc\r\n0\r\n\r\n", [400]),
        (b"3 \r\nabc\r\n0\r\n\r\n", [400]),
        (b"3\nabc\n0\n\n", [400]),
        (b"3\r\nabcd\r\n0\r\n\r\n", [400]),
        (b"fffffffffffffffff\r\nabc", [400]),
        (b"ffffffff\r\n" + b"x" * 200_000, [413]),
        (b"1\r\na\r\n" * 120_000, [413]),
        (b"0\r\nContent-Length: 3\r\n\r\nabc" + SMUGGLED, [400]),
        (b"0\r\nHost: evil\r\nCookie: sp=x\r\n\r\n", [200]),
        (b"3;" + b"x" * 10_000 + b"\r\nabc\r\n0\r\n\r\n", [200]),
        (b"1;a=b\r\na\r\n" * 9_000 + b"0\r\n\r\n", [200]),
    ],
    ids=range(13),
)
def test_chunked_bodies_are_read_or_refused(hasty: Collector, body: bytes, expected: list[int]) -> None:
    last = b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" if 200 in expected else b""
    got = send(hasty, post(CHUNKED, body=body) + last)
    assert got == [*expected, *([200] if last else [])]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/../../etc/passwd", 404),
        ("/%2e%2e/%2e%2e", 200),  # a vendor and a version like any other: text, no file is looked for
        ("/a/..%2fb", 200),
        ("//i", 200),  # two segments, of which one is empty, as Snowplow's has it
        ("/i/", 200),
        ("/health/", 200),
        ("///i", 404),
        ("/i;x=y", 404),
        ("/i%00", 404),
        ("/%00/%00", 200),
        ("/a\\b/c", 400),
        ("/i#x", 400),
        ("http://h@evil/i", 400),
        ("http://h:99999999999/i", 200),
        ("*", 404),
        ("/%c0%ae/%ff", 200),
        ("/a/b?" + "%00" * 100, 200),
        ("/r/%0d%0aX", 404),
        ("/%72/x", 404),
        ("/r%2fx/y", 404),
        ("/health?x", 200),
        ("/HEALTH", 404),
    ],
)
def test_hostile_paths_are_answered(hasty: Collector, target: str, status: int) -> None:
    received = hasty.raw(f"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    assert statuses(received) == [status]
    assert b"\r\nX" not in received


@pytest.mark.parametrize("header", ["Origin", "Cookie", "X-Forwarded-For", "User-Agent", "Content-Type", "Referer"])
@pytest.mark.parametrize(
    "value", [b"\xff\xfe\x80", b"%00\xed\xa0\x80", b"\xf4\x90\x80\x80", b"; " * 9_000, b"," * 9_000]
)
def test_headers_that_are_no_text_become_a_record_that_is_one(hasty: Collector, header: str, value: bytes) -> None:
    query = f"q={uuid4()}"
    received = hasty.raw(
        f"POST /a/b?{query} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n{header}: ".encode()
        + value + b"\r\n\r\n\xff\xc0"
    )  # fmt: skip
    assert statuses(received) == [200]
    hasty.kinesis.wait_for(hasty.seen + 1, "good")
    found = [payload for payload in hasty.payloads_so_far() if payload.querystring == query]
    assert [payload.body for payload in found] == ["��"]


def test_pipeline_of_thousands_is_answered_in_order(hasty: Collector) -> None:
    count = 3_000
    pixel = b"GET /i HTTP/1.1\r\nHost: h\r\n\r\n"
    missing = b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n"
    last = b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    assert send(hasty, (pixel + missing) * count + last) == [200, 404] * count + [200]


def test_many_slow_clients_are_ended_while_others_are_served(hasty: Collector) -> None:
    slow = [socket.create_connection(("127.0.0.1", hasty.port), timeout=120) for _ in range(150)]
    stop = threading.Event()

    def drip() -> None:
        for step in range(1000):
            for client in slow:
                with suppress(OSError):  # the collector has ended it, which is what is tested
                    client.send(b"GET /i HTTP/1.1\r\nX: "[step : step + 1] or b"y")
            if stop.wait(SECONDS / 10):
                return

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        assert hasty.request("GET", "/i").status == 200
        for client in slow:
            assert client.recv(1000).startswith(b"HTTP/1.1 408 ")
    finally:
        stop.set()
        dripping.join()
        for client in slow:
            client.close()


def test_client_that_disconnects_in_a_request_leaves_no_record(hasty: Collector) -> None:
    before = len(hasty.kinesis.records)
    for message in (b"", b"GET", b"GET /i HTTP/1.1\r\nHost: h\r\n", post("Content-Length: 50000", body=b"x" * 40_000)):
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", hasty.port)) as client:
                client.sendall(message)
    assert hasty.request("GET", "/health").status == 200
    assert len(hasty.kinesis.records) == before


def test_bodies_of_any_encoding_are_recorded_as_they_are_sent(hasty: Collector) -> None:
    bomb = b"\x1f\x8b" + b"\x00" * 1_000
    query = f"q={uuid4()}"
    hasty.request("POST", f"/a/b?{query}", {"Content-Encoding": "gzip"}, bomb)
    hasty.kinesis.wait_for(hasty.seen + 1, "good")
    found = [payload for payload in hasty.payloads_so_far() if payload.querystring == query]
    assert [payload.body for payload in found] == [bomb.decode("utf-8", "replace")]  # nothing is unpacked
