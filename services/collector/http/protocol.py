"""HTTP/1.1 on a socket: bytes in, complete requests out, responses back. Knows nothing of trackers.

llhttp, the parser, refuses what lets two readers disagree (two lengths, a length with chunks, folded headers, bare CR
or LF). It gets every byte as it comes, but each head and each body apart: what it then has accepted as a head is split
by services.collector.http.head (docs/adr/0034-heads-from-bytes.md). What it leaves to us: the bounds of head and body,
trailers (dropped), and requests to switch the protocol.
"""

import asyncio
import re
from collections import deque
from typing import cast, override

import httptools

from services.collector.defects import log_defect
from services.collector.http import head
from services.collector.http.chunks import Chunks
from services.collector.http.connections import Connections
from services.collector.request import addresses, identity
from services.collector.request.messages import Deferred, Request, Response, Waiting

_READ_SIZE = 256 * 1024  # uvloop's
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_EMPTY_LINES = re.compile(rb"[\r\n]+")
_CLOSE, _KEEP_ALIVE = b"Connection: close\r\n", b"Connection: keep-alive\r\n"
_BAD_REQUEST, _TIMED_OUT, _TOO_LARGE = (Response.of(status) for status in (400, 408, 413))
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
        self._head = bytearray()  # of a request whose head is not complete
        self._request: Request | None = None  # whose body is not complete
        self._left = 0  # bytes of the body still to come, unless in chunks
        self._chunks: Chunks | None = None
        self._is_complete = False  # as the parser says
        self._keep = True  # the connection, after the request
        self._body: list[bytes] = []
        self._body_size = 0
        self._is_deaf = False  # whatever else arrives is dropped
        self._is_over = False  # the last answer is written
        self._unseen = 0  # bytes since the request began or a piece of its body was seen
        self._waiting: deque[Waiting] = deque()  # answers in the order of their requests
        self._has_eof = False
        self.deadline = 0.0

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
        start, end = 0, len(data)
        try:
            while start < end and not self._is_deaf:
                start = self._read_head(data, start) if self._request is None else self._read_body(data, start)
        except (httptools.HttpParserError, head.RefusedHeadError):
            self._end(_BAD_REQUEST)
        except Exception as error:  # noqa: BLE001  # one request may not end the process, and the text may quote it
            # Made here: what a client calls its request may be personal, and two may call theirs the same.
            request_id = identity.new_id().decode()
            log_defect(f"request {request_id} was answered with 500", error)
            self._end(Response.of(500, [("X-Request-Id", request_id)]))
        if self._head or self._request is not None:
            # The bound of what no other limit counts: an unfinished head, and what stands between chunks.
            self._unseen += end
            if self._unseen > self._limits.head + self._limits.request_line + _READ_SIZE:
                self._end(_BAD_REQUEST)

    @override
    def eof_received(self) -> bool:
        self._has_eof = True
        self._is_deaf = True
        self._connections.flush()
        return bool(self._waiting)  # whether the transport stays open, for what is still to be written

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self._is_deaf = self._is_over = True
        self._connections.body_bytes -= self._body_size
        self._body_size = 0
        self._waiting.clear()
        self._connections.leave(self)

    @override
    def pause_writing(self) -> None:
        self._transport.pause_reading()

    @override
    def resume_writing(self) -> None:
        self._transport.resume_reading()

    # From bytes to requests

    def _read_head(self, data: bytes, start: int) -> int:
        """Take the bytes up to the end of a head; return where that is. Raises HttpParserError."""
        begun = self._head
        if not begun:
            if (empty := _EMPTY_LINES.match(data, start)) is not None:  # before a request they are not part of it
                self._parser.feed_data(empty[0])
                return empty.end()
            end = data.find(head.END, start) + 4
            if end > 3:
                whole = data[start:end]
                self._take_head(whole, whole)
                return end
            self._unseen = 0
            self.deadline = self._connections.loop.time() + self._limits.request_seconds
        new = data[start:]
        before = len(begun)
        begun += new
        end = begun.find(head.END, max(0, before - 3)) + 4
        if end > 3:
            whole = bytes(begun[:end])
            begun.clear()
            self._take_head(whole, new[: end - before])
            return start + end - before
        self._parser.feed_data(new)
        if self._is_complete:  # the parser sees an end where there is none
            self._end(_BAD_REQUEST)
        return len(data)

    def _take_head(self, whole: bytes, new: bytes) -> None:
        """Refuse what is too large before its body is sent, or answer; `new` is what the parser has not seen."""
        is_upgrade = False
        try:
            self._parser.feed_data(new)
        except httptools.HttpParserUpgrade:
            is_upgrade = True
        request = head.read(whole, self._peer)
        if len(whole) > self._least_head and head.is_too_large(whole, request, self._limits):
            self._end(_BAD_REQUEST)
            return
        if is_upgrade:
            request = self._ignore_upgrade(request)
        head.check(request, self._parser.get_http_version)
        length = request.fields.get(b"content-length")
        if length is not None and int(length) > self._limits.body:
            self._end(_TOO_LARGE)
            return
        if b"expect" in request.fields and request.fields[b"expect"].lower() == b"100-continue":
            self._connections.write(self._transport, _CONTINUE)
        if self._is_complete:
            self._answer(request)
            return
        if length is None:
            self._chunks = Chunks()
        else:
            self._left = int(length)
        self._unseen = 0
        self.deadline = self._connections.loop.time() + self._limits.body_seconds
        self._request = request

    def _ignore_upgrade(self, request: Request) -> Request:
        """Read a head again without its wish to switch the protocol, for which the parser skips the body."""
        again = head.without_upgrade(request)
        self._parser = httptools.HttpRequestParser(self)
        self._is_complete = False
        try:
            self._parser.feed_data(again)
        except httptools.HttpParserUpgrade:  # CONNECT asks for nothing else
            raise httptools.HttpParserError from None
        return head.read(again, self._peer)

    def _read_body(self, data: bytes, start: int) -> int:
        """Take the bytes up to the end of the body; return where that is. Raises HttpParserError."""
        if self._chunks is not None:
            end = self._chunks.end_of_piece(data, start)
        else:
            end = min(start + self._left, len(data))
            self._left -= end - start
        self._parser.feed_data(data[start:end])
        request = self._request
        if self._is_complete and request is not None:
            request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            self._connections.body_bytes -= self._body_size
            self._body_size = 0
            self._body.clear()
            self._request = self._chunks = None
            self._answer(request)
        elif self._chunks is None and self._left == 0:
            self._end(_BAD_REQUEST)
        return end

    def on_body(self, body: bytes) -> None:
        """Take a fragment of the body."""
        if self._is_deaf:
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
        """Note that a request ends with the bytes just given to the parser, which then forgets what it asked for."""
        self._is_complete = True
        self._keep = self._parser.should_keep_alive()

    # From requests to answers

    def _answer(self, request: Request) -> None:
        self._is_complete = False
        self.deadline = self._connections.loop.time() + self._limits.idle_seconds
        response = self._connections.handle(request)
        is_head, keep = request.method == b"HEAD", self._keep
        # Only a request that asks for it stays connected with the old version.
        is_old = b"connection" in request.fields and self._parser.get_http_version() == "1.0"
        if type(response) is Deferred:
            self._wait_behind(response.response, response.stored, is_head, is_old, keep)
            self._wait_for(response.stored)
        elif self._waiting:
            self._wait_behind(cast("Response", response), None, is_head, is_old, keep)
        else:
            self._respond(cast("Response", response), is_head, is_old, keep)

    def _wait_behind(
        self, response: Response, stored: asyncio.Future[None] | None, is_head: bool, is_old: bool, keep: bool
    ) -> None:
        """Keep an answer until those before it are sent; nothing is read behind one that ends the connection."""
        self._waiting.append(Waiting(response, stored, is_head, is_old, keep))
        if response.closes or not keep:
            self._stop_reading()

    def _respond(self, response: Response, is_head: bool, is_old: bool, keep: bool) -> None:
        # While draining, a client that has pipelined requests gets the answers to all that are recorded.
        keep = keep and not response.closes and (not self._connections.is_draining or bool(self._waiting))
        also = _CLOSE if not keep else _KEEP_ALIVE if is_old else b""
        self._connections.answer(self._transport, response, also, is_head=is_head)
        if not keep:
            self._half_close()

    def _wait_for(self, stored: asyncio.Future[None]) -> None:
        self.deadline = self._connections.loop.time() + self._limits.request_seconds
        self._transport.pause_reading()
        stored.add_done_callback(self._respond_to_waiting)

    def _respond_to_waiting(self, _: asyncio.Future[None]) -> None:
        while self._waiting and not self._is_over:
            response, stored, is_head, is_old, keep = self._waiting[0]
            if stored is not None and not stored.done():
                return
            self._waiting.popleft()
            self._respond(response, is_head, is_old, keep)
        if self._has_eof:
            self._connections.flush()
            self._transport.close()
        elif not self._is_over:
            self.deadline = self._connections.loop.time() + self._limits.idle_seconds
            self._transport.resume_reading()

    @property
    def is_busy(self) -> bool:
        """Return whether a request has begun, or its answer waits."""
        return bool(self._head) or self._request is not None or bool(self._waiting)

    def time_out(self) -> None:
        """End a connection whose deadline is over."""
        if self._waiting and not self._is_over:  # the first answer's record is not stored in time
            self._waiting.clear()
            self._respond(_TIMED_OUT, is_head=False, is_old=False, keep=False)
        elif self.is_busy and not self._is_deaf:
            self._end(_TIMED_OUT)
        else:
            self._transport.abort()

    def close_if_idle(self) -> None:
        """Close the connection unless it is busy; a client that does not read its answers gets the linger time only."""
        if not self.is_busy:
            self._connections.flush()
            self.deadline = self._connections.loop.time() + self._limits.linger_seconds
            self._transport.close()

    def _end(self, response: Response) -> None:
        """Refuse what arrives, behind the answers to what came before."""
        if not self._is_deaf:
            self._stop_reading()
            if self._waiting:
                self._wait_behind(response, None, is_head=False, is_old=False, keep=False)
            else:
                self._respond(response, is_head=False, is_old=False, keep=False)

    def _stop_reading(self) -> None:
        self._is_deaf = True
        self._request = None
        self._head.clear()

    def _half_close(self) -> None:
        """Close when the client does: closing with bytes unread would reset the connection and lose the response."""
        self._stop_reading()
        self._is_over = True
        self._waiting.clear()
        self._connections.flush()
        self.deadline = self._connections.loop.time() + self._limits.linger_seconds
        if not self._transport.is_closing():
            self._transport.write_eof()
