"""One HTTP request and its response, as values. Texts are the bytes of the wire, valid UTF-8."""

import asyncio
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import NamedTuple, Self

import msgspec


class Request(msgspec.Struct, gc=False):
    """A request. `lines` are its headers in order, as `Name: value` with the name as it was sent."""

    method: bytes
    target: bytes
    peer: bytes  # the socket's address as it is recorded
    lines: list[bytes]
    fields: dict[bytes, bytes]  # the first value of each header that is asked for, by its name in lower case
    # Of `lines`, those that are not recorded as they are sent, each with its name in lower case and its value.
    rewritten: list[tuple[bytes, bytes, bytes]] = []
    repeats: bool = False  # whether one of the headers in `fields` comes more than once
    body: bytes = b""

    def all(self, key: bytes) -> list[bytes]:
        """Return every value of the header with that lower-case name, which may be any."""
        parts = [line.partition(b": ") for line in self.lines]
        return [value for name, _, value in parts if name.lower() == key]


class Response(msgspec.Struct, frozen=True, gc=False):
    """A response; `head` is the status line and the headers, but for `Date` and `Connection`."""

    head: bytes
    body: bytes = b""
    closes: bool = False  # whether the connection ends behind it, whatever the client wishes

    @classmethod
    def of(
        cls, status: int, headers: list[tuple[str, str]] | None = None, body: bytes = b"", *, closes: bool = False
    ) -> Self:
        """Render a response."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers or []).encode()
        return cls.with_lines(status, lines, body, closes=closes)

    @classmethod
    def with_lines(cls, status: int, lines: bytes, body: bytes = b"", *, closes: bool = False) -> Self:
        """Render a response whose headers are lines already. One of 204 or 304 has neither body nor length.

        Such a response ends with its head (RFC 9112, section 6.3): what followed would be read as the next one.
        """
        if status in WITHOUT_BODY:
            return cls(_STATUS_LINES[status] + lines, closes=closes)
        return cls(b"%b%bContent-Length: %d\r\n" % (_STATUS_LINES[status], lines, len(body)), body, closes)

    def encode(self, also: bytes = b"", *, is_head: bool = False) -> bytes:
        """Return the bytes of HTTP/1.1; `also` holds more header lines."""
        return b"".join((self.head, also, date_line(int(time())), b"" if is_head else self.body))


class Deferred(NamedTuple):
    """A response that may be sent when what the request left is stored."""

    response: Response
    stored: asyncio.Future[None]


class Waiting(NamedTuple):
    """An answer that waits until it may be sent, or behind one that does."""

    response: Response
    stored: asyncio.Future[None] | None
    is_head: bool
    is_old: bool
    keep: bool


def utf8(text: bytes) -> bytes:
    """Return the text with replacement characters for what is not UTF-8."""
    return text if text.isascii() else text.decode("utf-8", "replace").encode()


@lru_cache(maxsize=16)
def http_date(seconds: int) -> str:
    """Render seconds since the epoch as RFC 1123 GMT; almost every request of a second asks for the same two."""
    return formatdate(seconds, usegmt=True)


@lru_cache(maxsize=2)
def date_line(seconds: int) -> bytes:
    """Return the last header line and the empty line."""
    return f"Date: {http_date(seconds)}\r\n\r\n".encode()


WITHOUT_BODY = frozenset({204, 304})
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
# The root response may have any status.
_STATUS_LINES = {code: f"HTTP/1.1 {code} {_PHRASES.get(code, '')}\r\n".encode() for code in range(200, 600)}
