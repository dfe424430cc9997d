"""HTTP/1.1 on a socket: bytes in, complete requests out, responses back. Knows nothing of trackers.

llhttp, the parser, refuses what lets two readers disagree (two lengths, a length with chunks, folded headers, bare CR
or LF). What it leaves to us: the bounds of head and body, trailers (dropped), and requests to switch the protocol.
"""

import asyncio
from collections import deque
from typing import cast, override

import httptools

from services.collector import addresses, head
from services.collector.connections import Connections
from services.collector.defects import log_defect
from services.collector.messages import Deferred, Request, Response, Waiting

_READ_SIZE = 256 * 1024  # uvloop's
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE, _KEEP_ALIVE = b"Connection: close\r\n", b"Connection: keep-alive\r\n"
_BAD_REQUEST, _TIMED_OUT, _TOO_LARGE, _DEFECT = (Response.of(status) for status in (400, 408, 413, 500))
_BUSY = Response.of(503, [("Retry-After", "5")])


class HttpProtocol(asyncio.Protocol):
    """One connection: the transport calls it with bytes, the parser with what they mean, `Connections` to end it."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._limits = connections.limits
        self._least_head = connections.limits.least_head
        self._transport: asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)
        self._peer = addresses.UNKNOWN
        self._request: Request
        self._in_message = False
        self._in_head = False
        self._is_ending = False  # whatever else arrives is dropped
        self._unseen = 0  # bytes since the request began or a piece of its body was seen
        self._received = 0  # bytes of the read at hand
        self._waiting: deque[Waiting] = deque()  # answers in the order of their requests
        self._has_eof = False
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
        self._peer = addresses.of_peer(transport.get_extra_info("peername"))
        self.deadline = self._connections.loop.time() + self._limits.idle_seconds
        self._connections.all.add(self)
        if len(self._connections.all) > self._limits.connections:
            self._end(_BUSY)

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_ending:
            return
        self._received = len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            if not self._is_ending:
                self._ignore_upgrade(data[stop.args[0] :])
        except httptools.HttpParserCallbackError as error:
            log_defect("a request was answered with 500", error)
            self._end(_DEFECT)
        except httptools.HttpParserError:
            self._end(_BAD_REQUEST)
        if self._in_message:
            # httptools keeps an unfinished header or trailer to itself. Its size is known to within one read.
            self._unseen += len(data)
            if self._unseen > self._limits.head + self._limits.request_line + _READ_SIZE:
                self._end(_BAD_REQUEST)

    @override
    def eof_received(self) -> bool:
        self._has_eof = True
        self._is_ending = not self._waiting
        return not self._is_ending  # whether the transport stays open, for what is still to be written

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self._is_ending = True
        self._connections.body_bytes -= self._body_size
        self._waiting.clear()
        self._start()
        self._connections.leave(self)

    @override
    def pause_writing(self) -> None:
        self._transport.pause_reading()

    @override
    def resume_writing(self) -> None:
        self._transport.resume_reading()

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
        names, values = self._names, self._values
        method = self._parser.get_method()
        # What arrived in few bytes needs no counting.
        is_long = self._unseen + self._received > self._least_head
        if is_long and head.is_too_large(method, self._target, names, values, self._limits):
            self._end(_BAD_REQUEST)
            return
        self._request = request = Request.of(method, self._target, self._peer, names, values)
        if not head.has_one_host(request, self._parser.get_http_version):
            self._end(_BAD_REQUEST)
        elif int(request.fields.get(b"content-length", b"0")) > self._limits.body:
            self._end(_TOO_LARGE)
        elif request.fields.get(b"expect", b"").lower() == b"100-continue":
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
            self._end(_TOO_LARGE)
        elif self._connections.body_bytes > self._limits.bodies:
            self._end(_BUSY)

    def on_message_complete(self) -> None:
        """Answer the request."""
        if self._is_ending or self._parser.should_upgrade():
            return
        request = self._request
        if self._body_size:
            request.body = b"".join(self._body)
            self._connections.body_bytes -= self._body_size
        self._start()
        self._in_message = False
        self.deadline = self._connections.loop.time() + self._limits.idle_seconds
        try:
            response = self._connections.handle(request)
        except Exception as error:  # noqa: BLE001  # one request may not end the process, and the text may quote it
            log_defect("a request was answered with 500", error)
            self._end(_DEFECT)
            return
        is_head, keep = request.method == b"HEAD", self._parser.should_keep_alive()
        # Only a request that asks for it stays connected with the old version.
        is_old = b"connection" in request.fields and self._parser.get_http_version() == "1.0"
        if type(response) is Deferred:
            self._waiting.append(Waiting(response.response, response.stored, is_head, is_old, keep))
            self._wait_for(response.stored)
        elif self._waiting:
            self._waiting.append(Waiting(cast("Response", response), None, is_head, is_old, keep))
        else:
            self._respond(cast("Response", response), is_head, is_old, keep)

    def _respond(self, response: Response, is_head: bool, is_old: bool, keep: bool) -> None:
        keep = keep and not self._connections.is_draining
        also = self._connections.lines + (_CLOSE if not keep else _KEEP_ALIVE if is_old else b"")
        self._transport.write(response.encode(also, is_head=is_head))
        if not keep:
            self._half_close()

    def _wait_for(self, stored: asyncio.Future[None]) -> None:
        self.deadline = self._connections.loop.time() + self._limits.request_seconds
        self._transport.pause_reading()
        stored.add_done_callback(self._respond_to_waiting)

    def _respond_to_waiting(self, _: asyncio.Future[None]) -> None:
        while self._waiting and not self._is_ending:
            response, stored, is_head, is_old, keep = self._waiting[0]
            if stored is not None and not stored.done():
                return
            self._waiting.popleft()
            self._respond(response, is_head, is_old, keep)
        if self._has_eof:
            self._transport.close()
        elif not self._is_ending:
            self.deadline = self._connections.loop.time() + self._limits.idle_seconds
            self._transport.resume_reading()

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read the request again without its wish to switch the protocol, for which the parser skips the body."""
        request = self._request
        if request.method == b"CONNECT":
            self._end(_BAD_REQUEST)
            return
        again = head.without_upgrade(request, self._names, self._values)
        self._start()
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(again + rest)

    @property
    def is_busy(self) -> bool:
        """Tell whether a request has begun, or its answer waits."""
        return self._in_message or bool(self._waiting)

    def time_out(self) -> None:
        """End a connection whose deadline is over."""
        if self.is_busy and not self._is_ending:
            self._end(_TIMED_OUT)
        else:
            self._transport.abort()

    def close_if_idle(self) -> None:
        """Close the connection unless it is busy."""
        if not self.is_busy:
            self._transport.close()

    def _end(self, response: Response) -> None:
        if not self._is_ending:
            self._transport.write(response.encode(self._connections.lines + _CLOSE))
            self._half_close()

    def _half_close(self) -> None:
        """Close when the client does: closing with bytes unread would reset the connection and lose the response."""
        self._is_ending = True
        self._waiting.clear()
        self._in_message = self._in_head = False
        self.deadline = self._connections.loop.time() + self._limits.linger_seconds
        if not self._transport.is_closing():
            self._transport.write_eof()
