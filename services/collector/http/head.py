"""A request's head, from the bytes that the parser has accepted: its lines as they are recorded, and what is asked for.

The parser has refused folded lines, bare CR or LF and white space before a colon. So each line is one header.
"""

from collections.abc import Callable
from functools import lru_cache

from services.collector.http.connections import Limits
from services.collector.request.messages import Request, utf8

END = b"\r\n\r\n"
_VERSION_LENGTH = len("  HTTP/1.1")
_HTTP_1_1, _HTTP_1_0 = [b"HTTP/1.1"], [b"HTTP/1.0"]
_WANTED = frozenset(
    {
        b"connection", b"content-length", b"content-type", b"cookie", b"expect", b"forwarded", b"host", b"origin",
        b"referer", b"sp-anonymous", b"transfer-encoding", b"user-agent", b"x-forwarded-for",
    }
)  # fmt: skip
_REWRITTEN = frozenset({b"cookie", b"forwarded", b"x-forwarded-for"})


class RefusedHeadError(ValueError):
    """The parser accepts the head, and this server cannot: its protocol, its hosts or its transfer coding."""


class NotPlainError(ValueError):
    """A line is not `Name: value` as it was sent."""


def read(head: bytes, peer: bytes) -> Request:
    """Return the request without its body; `head` ends with an empty line. What is not UTF-8 is replaced.

    Raises RefusedHeadError for another protocol than HTTP/1.1 and HTTP/1.0: the parser also takes HTTP/0.9, HTTP/2.0,
    RTSP and ICE.
    """
    lines = head.split(b"\r\n")
    del lines[-2:]
    method, target, *protocol = lines.pop(0).split()
    if protocol != _HTTP_1_1 and protocol != _HTTP_1_0:
        raise RefusedHeadError
    try:
        return _fast_path(head, method, target, peer, lines)
    except NotPlainError:
        return of(method, target, peer, [_plain(line) for line in lines])


def _fast_path(head: bytes, method: bytes, target: bytes, peer: bytes, lines: list[bytes]) -> Request:
    """Index the lines as they came, without making each anew: almost every client sends them as `Name: value`.

    That is nothing but ASCII, no tab, one space behind the colon and none at the end. Raises NotPlainError otherwise.
    Saves a fifth of a request's instructions (docs/benchmarks/collector.md); a property test holds both equal.
    """
    if head.isascii() and 0x09 not in head and head.find(b":  ") < 0 and head.find(b" \r\n") < 0:
        return of(method, target, peer, lines)
    raise NotPlainError


def of(method: bytes, target: bytes, peer: bytes, lines: list[bytes]) -> Request:
    """Index lines of the form `Name: value`. Raises NotPlainError for one that has no space behind its colon."""
    fields: dict[bytes, bytes] = {}
    rewritten: list[tuple[bytes, bytes, bytes]] = []
    repeats = False
    for line in lines:
        name, _, value = line.partition(b": ")
        key = _key(name)
        if key is not None:
            if key in _REWRITTEN:
                rewritten.append((key, line, value))
            if key in fields:
                repeats = True
            else:
                fields[key] = value
    return Request(method, target, peer, lines, fields, rewritten, repeats)


@lru_cache(maxsize=256)
def _key(name: bytes) -> bytes | None:
    """Return the lower case of a header's name if anyone asks for it, else None. Raises NotPlainError."""
    if 0x3A in name:
        raise NotPlainError
    key = name.lower()
    return key if key in _WANTED else None


def _plain(line: bytes) -> bytes:
    name, _, value = line.partition(b":")
    return b"%b: %b" % (name, utf8(value.strip(b" \t")))


def is_too_large(head: bytes, request: Request, limits: Limits) -> bool:
    """Return whether the request line or the headers exceed their limits; padding before a value is not counted."""
    if len(request.method) + len(request.target) + _VERSION_LENGTH > limits.request_line:
        return True
    size = 0
    for line in head.split(b"\r\n")[1:-2]:
        name, _, value = line.partition(b":")
        size += len(name) + len(value.lstrip(b" \t")) + 4
    return size > limits.head


def check(request: Request, version: Callable[[], str]) -> None:
    """Raise RefusedHeadError for a request without or with two hosts, or with another transfer coding than chunked.

    HTTP/1.0 may name no host, and knows no transfer coding (RFC 9112, sections 3.2 and 6.1). A coding before `chunked`,
    such as gzip, would have to be undone before the body is recorded.
    """
    fields = request.fields
    if b"host" not in fields:
        if version() != "1.0":
            raise RefusedHeadError
    elif request.repeats and len(request.all(b"host")) > 1:
        raise RefusedHeadError
    if b"transfer-encoding" in fields and (
        request.all(b"transfer-encoding") != [fields[b"transfer-encoding"]]
        or fields[b"transfer-encoding"].lower() != b"chunked"
        or version() == "1.0"
    ):
        raise RefusedHeadError


def without_upgrade(request: Request) -> bytes:
    """Render the head again without the wish to switch the protocol."""
    kept = [line + b"\r\n" for line in request.lines if line[:8].lower() != b"upgrade:"]
    return b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method, request.target, b"".join(kept))
