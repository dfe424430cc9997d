"""Heads split from the received bytes say what the parser's own callbacks say, wherever the reads end."""

import asyncio
from itertools import pairwise
from typing import Any, NamedTuple, cast

import httptools
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.collector.http.connections import Connections, Limits
from services.collector.http.head import _plain, of
from services.collector.http.head import read as read_head
from services.collector.http.protocol import HttpProtocol
from services.collector.request.messages import Request, Response


class Seen(NamedTuple):
    """A request as a reader saw it."""

    method: bytes
    target: bytes
    lines: list[bytes]
    body: bytes


class Oracle:
    """The parser with a callback for each header."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.is_refused = False
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.is_refused = True

    def on_message_begin(self) -> None:
        self._target, self._lines, self._body, self._in_head = b"", list[bytes](), b"", True

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            self._lines.append(name + b": " + value.rstrip(b" \t").decode("utf-8", "replace").encode())

    def on_headers_complete(self) -> None:
        self._in_head = False

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.seen.append(Seen(self._parser.get_method(), self._target, self._lines, self._body))
        if not self._parser.should_keep_alive():
            raise StopIteration  # the parser refuses what comes behind


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def write_eof(self) -> None:
        """Nothing more is written."""

    def get_extra_info(self, _: str) -> tuple[str, int]:
        return ("192.0.2.7", 1)

    def is_closing(self) -> bool:
        return False


async def read(chunks: list[bytes]) -> tuple[list[Seen], list[bytes]]:
    """Return the requests that the collector's protocol sees, and what it answers."""
    seen: list[Seen] = []

    def handle(request: Request) -> Response:
        seen.append(Seen(request.method, request.target, request.lines, request.body))
        return Response.of(200)

    transport = Transport()
    connections = Connections(handle, Limits(head=10**6, request_line=10**6))
    protocol = HttpProtocol(connections)
    protocol.connection_made(cast("Any", transport))
    for chunk in chunks:
        protocol.data_received(chunk)
    connections.flush()
    return seen, transport.written


names = st.sampled_from(["A", "Cookie", "cOOKIE", "Content-Type", "x-forwarded-for", "X-Odd_1!", "SP-Anonymous"])
pads = st.sampled_from([b": "] * 6 + [b":", b":  ", b":\t", b": \t "])
values = st.sampled_from(
    [b"x", b"", b"a: b", b":", b"a  b", b"x ", b"x\t", b"\ttab", "é".encode(), b"\xff", b"a\x80b", b"y" * 1100]
)
ends = st.sampled_from([b"\r\n"] * 40 + [b"\n", b"\r", b"\r\n ", b"\x00\r\n"])
header = st.builds(lambda name, pad, value, end: name.encode() + pad + value + end, names, pads, values, ends)
contents = st.sampled_from([b"", b"abc", b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 70])
trailers = st.sampled_from([b"", b"Cookie: sp=1\r\n", b"A: b\r\nHost: c\r\n"])


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Draw a request, most of them well-formed."""
    content, headers = draw(contents), draw(st.lists(header, max_size=6))
    headers.insert(draw(st.integers(0, len(headers))), b"Host: h\r\n")
    if draw(st.booleans()):
        framing, body = b"Content-Length: %d\r\n" % len(content), content
    else:
        cut = draw(st.integers(0, len(content)))
        parts = [part for part in (content[:cut], content[cut:]) if part]
        chunks = b"".join(b"%x;e=1\r\n%b\r\n" % (len(part), part) for part in parts)
        framing, body = b"Transfer-Encoding: chunked\r\n", chunks + b"0\r\n" + draw(trailers) + b"\r\n"
    if draw(st.booleans()):
        start, framing, body = b"GET /i?x HTTP/1.1\r\n", b"", b""
    else:
        start = b"POST /a/b  HTTP/1.1\r\n"
    last = draw(st.sampled_from([b""] * 5 + [b"Connection: close\r\n"]))
    lead = draw(st.sampled_from([b""] * 5 + [b"\r\n", b"\r\n\r\n", b"\n"]))
    return b"%b%b%b%b%b\r\n%b" % (lead, start, b"".join(headers), framing, last, body)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(names, pads, values), max_size=6))
def test_fast_path_reads_what_the_general_path_reads(sent: list[tuple[str, bytes, bytes]]) -> None:
    lines = [name.encode() + pad + value for name, pad, value in sent]
    head = b"POST /a/b HTTP/1.1\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"
    assert read_head(head, b"192.0.2.7") == of(b"POST", b"/a/b", b"192.0.2.7", [_plain(line) for line in lines])


def get(*lines: bytes) -> bytes:
    return b"GET /i HTTP/1.1\r\nHost: h\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


@settings(max_examples=400, deadline=None)
@example([get(b"A: x ")], [])
@example([get(b"A:  x")], [])
@example([get(b"A:x: y")], [])
@example([get(b"A: x\t")], [])
@example([get(b"A: \xff")], [])
@given(st.lists(messages(), min_size=1, max_size=4), st.lists(st.integers(0, 400), max_size=6))
def test_head_split_from_its_bytes_is_what_the_parser_says(sent: list[bytes], cuts: list[int]) -> None:
    data = b"".join(sent)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    oracle = Oracle()
    oracle.feed(data)
    closes = any(b"Connection: close" in line for request in oracle.seen for line in request.lines)
    for chunks in ([data[a:b] for a, b in pairwise(places)], [bytes([byte]) for byte in data]):
        seen, written = asyncio.run(read(chunks))
        assert seen == oracle.seen
        refused = [answer for answer in written if answer.startswith(b"HTTP/1.1 400 ")]
        assert len(refused) == int(oracle.is_refused and not closes)
        assert len(written) == len(seen) + len(refused)
