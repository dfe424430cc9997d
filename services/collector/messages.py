"""One HTTP request and its response, as values."""

import asyncio
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import NamedTuple, Self

import msgspec


class Request(msgspec.Struct, gc=False):
    """A request. Its headers in order are `names` (as sent), `keys` (in lower case) and `values`."""

    method: str
    target: bytes
    peer: str | None
    names: list[str]
    keys: list[str]
    values: list[str]
    fields: dict[str, str]  # the first value of each key
    body: bytes = b""

    @classmethod
    def of(cls, method: str, target: bytes, peer: str | None, names: bytes, values: bytes) -> Self:
        """Decode names and values, each joined by line feeds; what is not UTF-8 is replaced."""
        if not names:
            return cls(method, target, peer, [], [], [], {})
        text = names.decode("ascii", "replace")
        keys = text.lower().split("\n")
        stripped = [value.rstrip(" \t") for value in values.decode("utf-8", "replace").split("\n")]
        fields = dict(zip(reversed(keys), reversed(stripped), strict=True))
        return cls(method, target, peer, text.split("\n"), keys, stripped, fields)

    def all(self, key: str) -> list[str]:
        """Return every value of the header with that lower-case name."""
        if key not in self.fields:
            return []
        return [value for each, value in zip(self.keys, self.values, strict=True) if each == key]


class Response(msgspec.Struct, frozen=True, gc=False):
    """A response; `Content-Length`, `Date` and `Connection` are added when it is written."""

    status: int
    headers: list[tuple[str, str]] = []
    body: bytes = b""

    def encode(self, *, head: bool = False, connection: str | None = None) -> bytes:
        """Return the bytes of HTTP/1.1; without the body when it answers a HEAD."""
        lines = [_STATUS_LINES[self.status], *[f"{name}: {value}\r\n" for name, value in self.headers]]
        if connection is not None:
            lines.append(f"Connection: {connection}\r\n")
        lines.append(f"Date: {http_date(int(time()))}\r\nContent-Length: {len(self.body)}\r\n\r\n")
        start = "".join(lines).encode("latin-1", "replace")
        return start if head else start + self.body


class Deferred(NamedTuple):
    """A response that may be sent when what the request left is stored."""

    response: Response
    stored: asyncio.Future[None]


@lru_cache(maxsize=16)
def http_date(seconds: int) -> str:
    """Render seconds since the epoch as RFC 1123 GMT; almost every request of a second asks for the same two."""
    return formatdate(seconds, usegmt=True)


_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
