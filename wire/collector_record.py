"""CollectorPayload written straight from bytes: what `collector_payload.encode` writes, without text in between.

The collector's hot path: every field is the UTF-8 it arrived in, so nothing is decoded only to be encoded again.
"""

from collections.abc import Iterable
from struct import Struct

from wire.collector_payload import SCHEMA

_LENGTH = Struct(">i").pack
_STRING = Struct(">BHi").pack  # type, field id, length
_I64 = Struct(">BHq").pack
_LIST = Struct(">BHBi").pack
_LENGTHS = [_LENGTH(length) for length in range(512)]  # of almost every header
_END = _STRING(11, 31337, len(SCHEMA)) + SCHEMA.encode() + b"\0"


def constant_fields(collector: str) -> bytes:
    """Render fields 210 and 220, which are the same in every record of a process."""
    return _STRING(11, 210, 5) + b"UTF-8" + _STRING(11, 220, len(collector)) + collector.encode("ascii")


def write(
    *,
    ip_address: bytes,
    timestamp: int,
    constants: bytes,
    user_agent: bytes | None,
    referer_uri: bytes | None,
    path: bytes,
    querystring: bytes,
    body: bytes | None,
    headers: Iterable[bytes],
    content_type: bytes | None,
    hostname: bytes | None,
    network_user_id: bytes,
) -> bytes:
    """Serialise one request. Every text is valid UTF-8; `timestamp` is in ms, `headers` come from `header_line`."""
    lines = list(headers)
    parts = [_STRING(11, 100, len(ip_address)), ip_address, _I64(10, 200, timestamp), constants]
    if user_agent is not None:
        parts += (_STRING(11, 300, len(user_agent)), user_agent)
    if referer_uri is not None:
        parts += (_STRING(11, 310, len(referer_uri)), referer_uri)
    parts += (_STRING(11, 320, len(path)), path, _STRING(11, 330, len(querystring)), querystring)
    if body is not None:
        parts += (_STRING(11, 340, len(body)), body)
    parts.append(_LIST(15, 350, 11, len(lines)))
    parts += lines
    if content_type is not None:
        parts += (_STRING(11, 360, len(content_type)), content_type)
    if hostname is not None:
        parts += (_STRING(11, 400, len(hostname)), hostname)
    parts += (_STRING(11, 410, len(network_user_id)), network_user_id, _END)
    return b"".join(parts)


def header_line(name: bytes, value: bytes) -> bytes:
    """Render one element of the header list, `Name: value`, with its length before it."""
    length = len(name) + len(value) + 2
    return b"%b%b: %b" % (_LENGTHS[length] if length < 512 else _LENGTH(length), name, value)


def bare_line(text: bytes) -> bytes:
    """Render an element of the header list that has no name."""
    return _LENGTH(len(text)) + text
