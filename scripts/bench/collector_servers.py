"""What the collector is compared with: the bare protocol library answering `ok`, and a plain framework server.

Each serves on a given socket until it is killed: `python -m scripts.bench.collector_servers bare 127.0.0.1 8080 2`.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import TYPE_CHECKING, cast, override

import httptools
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


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


async def _serve_bare(listener: socket.socket) -> None:
    server = await asyncio.get_running_loop().create_server(_Bare, sock=listener)
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
    if kind == "bare":
        uvloop.run(_serve_bare(listener))
    else:
        _serve_framework(listener)


if __name__ == "__main__":
    main()
