"""One HTTP request and its response, as values."""

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time

import msgspec


class Request(msgspec.Struct, frozen=True, gc=False):
    """A complete request. `fields` holds the first value of each header by its lower-case name."""

    method: str
    target: bytes
    headers: list[tuple[str, str]]
    fields: dict[str, str]
    body: bytes
    peer: str | None


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


@lru_cache(maxsize=16)
def http_date(seconds: int) -> str:
    """Render seconds since the epoch as RFC 1123 GMT; almost every request of a second asks for the same two."""
    return formatdate(seconds, usegmt=True)


_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
