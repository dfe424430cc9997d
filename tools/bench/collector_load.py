"""Keep-alive load for the collector's benchmark: prepared requests, one outstanding on each connection.

Each connection sends its next request when it has the answer; with a sixth argument, not before so many seconds.
Prints one JSON object: requests answered by status, seconds, and latencies in ms.
Example: python -m tools.bench.collector_load 127.0.0.1 8080 post 10 32
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import uuid
from collections import Counter
from time import perf_counter, process_time
from typing import ClassVar, cast, override

import uvloop

TP2 = "/com.snowplowanalytics.snowplow/tp2"
_SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
_EVENTS, _BODY_BYTES, _VARIANTS = 5, 3000, 256
# What a browser sends and a load balancer adds.
_HEADERS = (
    "Host: collector.example.org\r\n"
    "X-Forwarded-For: 203.0.113.{n}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\n"
    "X-Amzn-Trace-Id: Root=1-67891233-{trace}\r\n"
    'sec-ch-ua-platform: "Linux"\r\n'
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36\r\n"
    'sec-ch-ua: "Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"\r\n'
    "sec-ch-ua-mobile: ?0\r\nAccept: */*\r\nOrigin: https://www.example.org\r\nSec-Fetch-Site: same-site\r\n"
    "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nReferer: https://www.example.org/page/{n}\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n"
    "Cookie: sp={user}; _sp_id.1fff={user}.1732290000.1.1732290000\r\n"
)


def post(number: int) -> bytes:
    """Return one POST of five events, 3 kB of body."""
    events = [
        {
            "e": "pv", "url": f"https://www.example.org/page/{number}", "p": "web", "tv": "js-4.1.0",
            "eid": str(uuid.uuid4()), "dtm": "1732290000000", "aid": "shop", "duid": str(uuid.uuid4()), "x": "",
        }
        for _ in range(_EVENTS)
    ]  # fmt: skip
    missing = _BODY_BYTES - len(_dump(events))
    for event in events:
        event["x"] = "a" * (missing // _EVENTS)
    body = _dump(events)
    return _request(
        "POST", TP2, number, f"Content-Type: application/json; charset=UTF-8\r\nContent-Length: {len(body)}\r\n", body
    )


def pixel(number: int) -> bytes:
    """Return one GET of the pixel with an event in its querystring."""
    query = f"e=pv&url=https%3A%2F%2Fwww.example.org%2Fpage%2F{number}&p=web&tv=js-4.1.0&eid={uuid.uuid4()}&aid=shop"
    return _request("GET", f"/i?{query}", number, "", "")


def _dump(events: list[dict[str, str]]) -> str:
    return json.dumps({"schema": _SCHEMA, "data": events}, separators=(",", ":"))


def _request(method: str, target: str, number: int, more: str, body: str) -> bytes:
    headers = _HEADERS.format(n=number % 256, trace=uuid.uuid4().hex[:24], user=uuid.uuid4())
    return f"{method} {target} HTTP/1.1\r\n{headers}{more}\r\n{body}".encode()


class _Client(asyncio.Protocol):
    # Of all connections together.
    statuses: ClassVar[Counter[bytes]] = Counter()
    latencies: ClassVar[list[float]] = []
    end: ClassVar[float] = 0.0
    pause: ClassVar[float] = 0.0

    def __init__(self, requests: list[bytes], closed: asyncio.Future[None]) -> None:
        self._requests = requests
        self._closed = closed
        self._number = random.randrange(len(requests))  # noqa: S311  # no secret

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        self._number = (self._number + 1) % len(self._requests)
        self._sent = perf_counter()
        self._transport.write(self._requests[self._number])

    @override
    def data_received(self, data: bytes) -> None:
        # The answers are small and one is outstanding: each arrives in one piece.
        now = perf_counter()
        self.latencies.append(now - self._sent)
        self.statuses[data[9:12]] += 1
        if now >= self.end:
            self._transport.close()
        elif self.pause:
            asyncio.get_running_loop().call_later(max(0, self._sent + self.pause - now), self._send)
        else:
            self._send()

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self._closed.set_result(None)


async def _run(host: str, port: int, kind: str, seconds: float, connections: int, pause: float = 0) -> object:
    loop = asyncio.get_running_loop()
    requests = [(post if kind == "post" else pixel)(number) for number in range(_VARIANTS)]
    _Client.pause = pause
    started, cpu = perf_counter(), process_time()
    _Client.end = started + seconds
    ends = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(lambda end=end: _Client(requests, end), host, port)  # type: ignore[misc]  # a lambda
    await asyncio.gather(*ends)
    elapsed = perf_counter() - started
    ordered = sorted(_Client.latencies)
    return {
        "statuses": {status.decode(): count for status, count in _Client.statuses.items()},
        "seconds": elapsed,
        "client_cpu": process_time() - cpu,
        "bytes": len(requests[0]),
        **{
            name: ordered[int(len(ordered) * part)] * 1000
            for name, part in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))
        },
    }


if __name__ == "__main__":
    _host, _port, _kind, _seconds, _connections, *_pause = sys.argv[1:]
    print(
        json.dumps(uvloop.run(_run(_host, int(_port), _kind, float(_seconds), int(_connections), *map(float, _pause))))
    )
