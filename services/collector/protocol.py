"""HTTP/1.1 on a socket: bytes in, complete requests out, responses back. Knows nothing of trackers.

llhttp, the parser, refuses what lets two readers disagree (two lengths, a length with chunks, folded headers, bare CR
or LF). What it leaves to us: the bounds of head and body, trailers (dropped), and requests to switch the protocol.
"""

import asyncio
from collections import deque
from typing import NamedTuple, cast, override

import httptools

from services.collector.connections import Connections
from services.collector.defects import log_defect
from services.collector.messages import Deferred, Request, Response

_READ_SIZE = 256 * 1024  # uvloop's
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_BUSY = Response(503, [("Retry-After", "5")])


class _Waiting(NamedTuple):
    """An answer that waits until it may be sent, or behind one that does."""

    response: Response
    stored: asyncio.Future[None] | None
    is_head: bool
    version: str
    keep: bool


class HttpProtocol(asyncio.Protocol):
    """One connection: the transport calls it with bytes, the parser with what they mean, `Connections` to end it."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._limits = connections.limits
        self._transport: asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)
        self._peer: str | None = None
        self._request: Request
        self._in_message = False
        self._in_head = False
        self._is_ending = False  # whatever else arrives is dropped
        self._unseen = 0  # bytes since the request began or a piece of its body was seen
        self._waiting: deque[_Waiting] = deque()  # answers in the order of their requests
        self._start()
        self.deadline = 0.0

    def _start(self) -> None:
        self._target = b""
        self._names: list[bytes] = []
        self._values: list[bytes] = []
        self._body: list[bytes] = []
        self._body_size = 0

    # The event loop's calls

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else None
        self.deadline = self._connections.loop.time() + self._limits.idle_seconds
        self._connections.all.add(self)
        if len(self._connections.all) > self._limits.connections:
            self._end(_BUSY)

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_ending:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            self._ignore_upgrade(data[stop.args[0] :])
        except httptools.HttpParserCallbackError as error:
            log_defect("a request was answered with 500", error)
            self._end(Response(500))
        except httptools.HttpParserError:
            self._end(Response(400))
        if self._in_message:
            # httptools keeps an unfinished header or trailer to itself. Its size is known to within one read.
            self._unseen += len(data)
            if self._unseen > self._limits.head + self._limits.target + _READ_SIZE:
                self._end(Response(400))

    @override
    def eof_received(self) -> None:
        self._is_ending = True

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self._is_ending = True
        self._waiting.clear()
        self._connections.body_bytes -= self._body_size
        self._start()
        self._connections.leave(self)

    @override
    def pause_writing(self) -> None:
        self._transport.pause_reading()

    @override
    def resume_writing(self) -> None:
        self._transport.resume_reading()

    # The parser's calls

    def on_message_begin(self) -> None:
        """Start the time that a request may take."""
        self._in_message = self._in_head = True
        self._unseen = 0
        self.deadline = self._connections.loop.time() + self._limits.request_seconds

    def on_url(self, url: bytes) -> None:
        """Take a fragment of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, and drop a trailer: it comes after what it could change."""
        if self._in_head:
            self._names.append(name)
            self._values.append(value)

    def on_headers_complete(self) -> None:
        """Refuse what is too large before its body is sent."""
        if self._is_ending:
            return
        self._in_head = False
        names, values = b"\n".join(self._names), b"\n".join(self._values)
        # Each line has four characters more than name and value, of which the joins have two.
        size = len(names) + len(values) + 2 * len(self._names)
        if len(self._target) > self._limits.target or size > self._limits.head:
            self._end(Response(400))
            return
        method = self._parser.get_method().decode("ascii")
        self._request = request = Request.of(method, self._target, self._peer, names, values)
        if int(request.fields.get("content-length", "0")) > self._limits.body:
            self._end(Response(413))
        elif request.fields.get("expect", "").lower() == "100-continue":
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """Take a fragment of the body."""
        if self._is_ending:
            return
        self._unseen = 0
        self._body.append(body)
        self._body_size += len(body)
        self._connections.body_bytes += len(body)
        if self._body_size > self._limits.body:
            self._end(Response(413))
        elif self._connections.body_bytes > self._limits.bodies:
            self._end(_BUSY)

    def on_message_complete(self) -> None:
        """Answer the request."""
        if self._is_ending or self._parser.should_upgrade():
            return
        request = self._request
        request.body = b"".join(self._body)
        self._connections.body_bytes -= self._body_size
        self._start()
        self._in_message = False
        self.deadline = self._connections.loop.time() + self._limits.idle_seconds
        try:
            response = self._connections.handle(request)
        except Exception as error:  # noqa: BLE001  # one request may not end the process, and the text may quote it
            log_defect("a request was answered with 500", error)
            self._end(Response(500))
            return
        is_head, keep = request.method == "HEAD", self._parser.should_keep_alive()
        if isinstance(response, Deferred):
            self._waiting.append(
                _Waiting(response.response, response.stored, is_head, self._parser.get_http_version(), keep)
            )
            self._wait_for(response.stored)
        elif self._waiting:
            self._waiting.append(_Waiting(response, None, is_head, self._parser.get_http_version(), keep))
        else:
            self._respond(response, is_head, self._parser.get_http_version(), keep)

    def _respond(self, response: Response, is_head: bool, version: str, keep: bool) -> None:
        keep = keep and not self._connections.is_draining
        connection = "close" if not keep else "keep-alive" if version == "1.0" else None
        self._transport.write(response.encode(head=is_head, connection=connection))
        if not keep:
            self._half_close()

    def _wait_for(self, stored: asyncio.Future[None]) -> None:
        self.deadline = self._connections.loop.time() + self._limits.request_seconds
        self._transport.pause_reading()
        stored.add_done_callback(self._respond_to_waiting)

    def _respond_to_waiting(self, _: asyncio.Future[None]) -> None:
        while self._waiting and not self._is_ending:
            response, stored, is_head, version, keep = self._waiting[0]
            if stored is not None and not stored.done():
                return
            self._waiting.popleft()
            self._respond(response, is_head, version, keep)
        if not self._is_ending:
            self.deadline = self._connections.loop.time() + self._limits.idle_seconds
            self._transport.resume_reading()

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read the request again without its wish to switch the protocol, for which the parser skips the body."""
        request = self._request
        if request.method == "CONNECT":
            self._end(Response(400))
            return
        headers = zip(self._names, self._values, strict=True)
        kept = [b"%b: %b\r\n" % (name, value) for name, value in headers if name.lower() != b"upgrade"]
        head = b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method.encode(), request.target, b"".join(kept))
        self._start()
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(head + rest)

    # The server's calls, and the end

    def time_out(self) -> None:
        """End a connection whose deadline is over."""
        if (self._in_message or self._waiting) and not self._is_ending:
            self._end(Response(408))
        else:
            self._transport.abort()

    def close_if_idle(self) -> None:
        """Close the connection unless a request has begun on it, or its answer waits."""
        if not self._in_message and not self._waiting:
            self._transport.close()

    def _end(self, response: Response) -> None:
        if not self._is_ending:
            self._transport.write(response.encode(connection="close"))
            self._half_close()

    def _half_close(self) -> None:
        """Close when the client does: closing with bytes unread would reset the connection and lose the response."""
        self._is_ending = True
        self._waiting.clear()
        self._in_message = self._in_head = False
        self.deadline = self._connections.loop.time() + self._limits.linger_seconds
        if not self._transport.is_closing():
            self._transport.write_eof()
