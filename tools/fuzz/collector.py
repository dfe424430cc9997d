"""Fuzz the collector's reading of HTTP and its record builder: whatever the bytes, an answer and well-formed records.

The bytes are fed to the protocol whole and in pieces. Both must be answered the same, no answer may be a 500 or hold a
header line of the sender's, and every record must be one that the enricher can read. A finding is written to
`.snowveil/fuzz/`, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import atheris  # type: ignore[import-untyped]  # it is installed in .venv-fuzz alone
import msgspec

with atheris.instrument_imports(include=["services.collector", "wire"]):
    from services.collector.config import durations
    from services.collector.config.settings import Collector
    from services.collector.http.connections import Connections, Limits
    from services.collector.http.protocol import HttpProtocol
    from services.collector.record import size
    from services.collector.routes.routing import Routes
    from wire.collector_payload import decode

if TYPE_CHECKING:
    from services.collector.request.messages import Request, Response

ROOT = Path(__file__).parents[2]
_STREAM = {"name": "s", "region": "eu-west-1"}
_CONFIG = {
    "interface": "::",
    "port": 1,
    "streams": {"good": _STREAM, "bad": _STREAM},
    "paths": {"/a/b": "/r/tp2"},
    "enableDefaultRedirect": True,
    "redirectDomains": ["a.org"],
    "cookie": {"domains": ["a.org"], "clientCookieName": "c"},
    "cookieBounce": {"enabled": True, "name": "n3"},
    "doNotTrackCookie": {"enabled": True, "name": "dnt", "value": "1+"},
}
_SIZES = size.Limits(good=400, bad=10_000, payload=5_000)
_LIMITS = Limits(body=3_000, request_line=400, head=2_000, bodies=6_000)
_HEADERS = {
    b"Access-Control-Allow-Origin", b"Access-Control-Allow-Credentials", b"Access-Control-Allow-Headers", b"Connection",
    b"Access-Control-Max-Age", b"Cache-Control", b"Content-Length", b"Content-Type", b"Date", b"Location",
    b"Retry-After", b"Set-Cookie",
}  # fmt: skip
_HEAD = b" HTTP/1.1\r\nHost: h\r\n"
_BATCH = b'{"schema":"iglu:a/b/jsonschema/1-0-0","data":[%b]}' % b",".join([b'{"e":"pv"}'] * 49)
_SEEDS = [
    b"GET /i?e=pv&nuid=%20u" + _HEAD + b"Cookie: sp=1; dnt=1\r\nOrigin: https://x.a.org\r\n\r\n",
    b"POST /c/d" + _HEAD + b"Content-Type: application/json;charset=UTF-8\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /c/d" + _HEAD + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
    b"GET http://c.org:80/a/b?u=https%3A%2F%2Fa.org%2F HTTP/1.0\r\nSP-Anonymous: *\r\nX-Forwarded-For: ::1\r\n\r\n",
    b"GET /r/tp2?%75=https%3A%2F%2Fa.org;nui%64=1" + _HEAD + b'Forwarded: for="[::1]:80"\r\nCookie: sp="a b"\r\n\r\n',
    b"POST /i/" + _HEAD + b'Transfer-Encoding: gzip, chunked\r\nContent-Type: a/b; c="d;e"; charset=utf8\r\n\r\n',
    b"OPTIONS *" + _HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\nHEAD /i" + _HEAD + b"\r\n",
    b"POST /c/d" + _HEAD + b"Content-Length: %d\r\n\r\n" % len(_BATCH) + _BATCH,
]


class Finding(Exception):  # noqa: N818 - what fuzzing looks for, no error of this program
    """A promise that does not hold."""


class _Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_extra_info(self, _: str) -> tuple[str, int]:
        return ("10.0.0.9", 1)

    def is_closing(self) -> bool:
        return False

    def write_eof(self) -> None:
        """Nothing more is written."""


class _Server:
    """The protocol and the routes, without a socket and without Kinesis."""

    def __init__(self) -> None:
        self._routes = Routes(msgspec.convert(_CONFIG, Collector, dec_hook=durations.parse), lambda: True)
        self._records: list[bytes] = []
        self._connections = asyncio.new_event_loop().run_until_complete(self._connect())

    async def _connect(self) -> Connections:
        return Connections(self._handle, _LIMITS)

    def _handle(self, request: Request) -> Response:
        answer = self._routes.answer(request)
        if answer.record is not None:
            self._records.append(answer.record)
        return answer.response

    def feed(self, chunks: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """Return what is written to a new connection, and the records."""
        self._records = []
        transport, protocol = _Transport(), HttpProtocol(self._connections)
        protocol.connection_made(cast("Any", transport))
        for chunk in chunks:
            protocol.data_received(chunk)
            self._connections.flush()
        protocol.connection_lost(None)
        return transport.written, self._records


def check(server: _Server, data: bytes) -> None:
    """Feed the bytes whole and in pieces. Raises Finding, or whatever the collector raises."""
    written, records = server.feed([data])
    step = 1 + len(data) % 7
    again, same_records = server.feed([data[start : start + step] for start in range(0, len(data), step)])
    if [_status(answer) for answer in written] != [_status(answer) for answer in again]:
        raise Finding("pieces are answered otherwise than the whole")
    if len(records) != len(same_records):
        raise Finding("pieces leave other records than the whole")
    for answer in written:
        _check_answer(answer)
    for record in records:
        decode(record)
        for part in size.fit(record, _SIZES).good:
            decode(part)


def _status(answer: bytes) -> bytes:
    return answer[9:12]


def _check_answer(answer: bytes) -> None:
    if answer == b"HTTP/1.1 100 Continue\r\n\r\n":
        return
    start, *lines = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
    if not start.startswith(b"HTTP/1.1 ") or _status(answer) == b"500":
        raise Finding("no answer, or one of a defect")
    if not {line.partition(b": ")[0] for line in lines} <= _HEADERS:
        raise Finding("a header line of the sender's")


def main() -> int:
    """Fuzz. Exit code 0 when nothing was found."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.fuzz.collector",
        description=__doc__,
        epilog="example: make fuzz TARGET=collector SECONDS=60",
    )
    parser.add_argument("--seconds", type=int, default=60)
    arguments = parser.parse_args()
    directory = ROOT / ".snowveil/fuzz"
    corpus = directory / "collector"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(_SEEDS):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={arguments.seconds}", "-max_len=4000", "-len_control=0", "-timeout=10"]
    limits += ["-print_final_stats=1", f"-artifact_prefix={directory}/finding-collector-"]
    server = _Server()
    atheris.Setup([sys.argv[0], *limits, str(corpus)], lambda data: check(server, data))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
