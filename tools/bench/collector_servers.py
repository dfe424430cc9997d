"""What the collector is compared with: the bare protocol library answering `ok`, a plain framework server, the least.

The least is the bare server that also hands on what it received, unread. No collector on this event loop costs less.
Each serves on a given socket until it is killed: `python -m tools.bench.collector_servers bare 127.0.0.1 8080 2`.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, cast, override
from urllib.parse import urlsplit

import httptools
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.collector.sink import entries

if TYPE_CHECKING:
    from starlette.requests import Request

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
_ENTRIES_OF_A_CALL = 500  # Kinesis takes no more
_KEY = b"5b9c2c1e-6f0f-4f0e-8a5e-0d2f1c3b4a59"


class _Bare(asyncio.Protocol):
    """The floor: every byte goes through the parser, nothing of the request is kept, the answer is a constant."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)

    @override
    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Answer."""
        self._transport.write(_OK)


class _Least(_Bare):
    """Beside the floor: each request as an entry of PutRecords, whose body is hashed once, as SigV4 wants it, and sent.

    A request is kept whole in place of its record. It is neither routed nor encoded, nothing is signed or sent again.
    """

    kinesis: asyncio.Transport
    kept: list[bytes] = []  # noqa: RUF012  # of all connections of the process

    @override
    def data_received(self, data: bytes) -> None:
        self._data = data
        super().data_received(data)

    @override
    def on_message_complete(self) -> None:
        """Answer, keep, and send what was kept when it is a call's worth."""
        super().on_message_complete()
        kept = _Least.kept
        kept.append(entries.entry(_KEY, self._data))
        if len(kept) == _ENTRIES_OF_A_CALL:
            body = entries.request("bench", kept)
            kept.clear()
            digest = sha256(body).hexdigest().encode()
            _Least.kinesis.write(
                b"POST / HTTP/1.1\r\ncontent-length: %d\r\nauthorization: %b\r\n\r\n" % (len(body), digest)
            )
            _Least.kinesis.write(body)


async def _serve_bare(listener: socket.socket) -> None:
    server = await asyncio.get_running_loop().create_server(_Bare, sock=listener)
    await server.serve_forever()


async def _serve_least(listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    kinesis = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    _Least.kinesis, _ = await loop.create_connection(asyncio.Protocol, kinesis.hostname or "", kinesis.port or 80)
    server = await loop.create_server(_Least, sock=listener)
    await server.serve_forever()


async def _ok(request: Request) -> PlainTextResponse:
    await request.body()
    return PlainTextResponse("ok")


def _serve_framework(listener: socket.socket) -> None:
    routes = [Route("/{vendor}/{version}", _ok, methods=["POST"]), Route("/i", _ok)]
    config = uvicorn.Config(Starlette(routes=routes), log_level="warning", access_log=False)
    uvicorn.Server(config).run([listener])


def main() -> None:
    """Serve in as many processes as asked for."""
    kind, host, port, workers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    for _ in range(workers - 1):
        if os.fork() == 0:
            break
    listener = socket.create_server((host, port), reuse_port=True, backlog=1024)
    if kind == "framework":
        _serve_framework(listener)
    else:
        uvloop.run(_serve_bare(listener) if kind == "bare" else _serve_least(listener))


if __name__ == "__main__":
    main()
