"""CollectorPayload: the Thrift record that the collector puts on raw-good and the enricher reads.

Format: a TBinaryProtocol struct without message header. A field is one type byte, a big-endian 16 bit id and its value;
a string is a 32 bit length and UTF-8, invalid bytes of which become U+FFFD; the struct ends with a zero byte. Field
ids are those of `iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-0`.

The codec is our own because the C decoder of thriftpy2 reads past the end of a truncated record and loops on a hostile
one (docs/adr/0001-thrift-codec.md).
"""

from struct import Struct, error

import msgspec

from wire import utf8

SCHEMA = "iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-0"
SCHEMA_PREFIX = "iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-"

_STOP, _BOOL, _BYTE, _DOUBLE, _I16, _I32, _I64, _STRING, _STRUCT, _MAP, _SET, _LIST = (
    0, 2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15,
)  # fmt: skip
_FIXED_WIDTH = {_BOOL: 1, _BYTE: 1, _DOUBLE: 8, _I16: 2, _I32: 4, _I64: 8}
_MAX_NESTING = 16

_FIELD = Struct(">BH")
_LENGTH = Struct(">i")
_I64_VALUE = Struct(">q")
_STRING_FIELD = Struct(">BHi")
_I64_FIELD = Struct(">BHq")
_LIST_FIELD = Struct(">BHBi")

_STRINGS = {
    100: "ip_address",
    210: "encoding",
    220: "collector",
    300: "user_agent",
    310: "referer_uri",
    320: "path",
    330: "querystring",
    340: "body",
    360: "content_type",
    400: "hostname",
    410: "network_user_id",
    31337: "schema",
}
_TIMESTAMP, _HEADERS = 200, 350
# Fields that Enrich requires. The schema requires nothing: a missing string is null there and empty here.
_REQUIRED = ("encoding", "schema")


class PayloadFormatError(ValueError):
    """The record is not a CollectorPayload. The text describes the defect and never quotes the record's values."""


class CollectorPayload(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request as the collector saw it. `timestamp` is in ms since the epoch; `headers` are `Name: value` lines."""

    ip_address: str = ""
    timestamp: int = 0
    encoding: str = "UTF-8"
    collector: str = ""
    user_agent: str | None = None
    referer_uri: str | None = None
    path: str | None = None
    querystring: str | None = None
    body: str | None = None
    headers: tuple[str, ...] = ()
    content_type: str | None = None
    hostname: str | None = None
    network_user_id: str | None = None
    schema: str = SCHEMA


def encode(payload: CollectorPayload) -> bytes:
    """Serialise to Thrift bytes, ids ascending, unset strings omitted.

    Text that is not valid Unicode (lone surrogates) is written with replacement characters: every request has a record.
    """
    return b"".join(
        (
            _string(100, payload.ip_address),
            _I64_FIELD.pack(_I64, _TIMESTAMP, payload.timestamp),
            _string(210, payload.encoding),
            _string(220, payload.collector),
            _string(300, payload.user_agent),
            _string(310, payload.referer_uri),
            _string(320, payload.path),
            _string(330, payload.querystring),
            _string(340, payload.body),
            _LIST_FIELD.pack(_LIST, _HEADERS, _STRING, len(payload.headers)),
            *(
                _LENGTH.pack(len(text)) + text
                for text in [header.encode("utf-8", "replace") for header in payload.headers]
            ),
            _string(360, payload.content_type),
            _string(400, payload.hostname),
            _string(410, payload.network_user_id),
            _string(31337, payload.schema),
            b"\x00",
        )
    )


def _string(field_id: int, text: str | None) -> bytes:
    if text is None:
        return b""
    value = text.encode("utf-8", "replace")
    return _STRING_FIELD.pack(_STRING, field_id, len(value)) + value


def decode(record: bytes) -> CollectorPayload:
    """Read Thrift bytes; fields come in any order, unknown ones are skipped.

    Raises PayloadFormatError for truncated bytes, unknown types, no encoding or schema, or another schema.
    """
    return decode_with_body(record)[0]


def decode_with_body(record: bytes) -> tuple[CollectorPayload, bytes | str | None]:
    """Return the payload, and its body in the form from which JSON is read fastest: as UTF-8 if it is not ASCII.

    Raises PayloadFormatError.
    """
    try:
        fields, body = _read_struct(record)
    except (error, IndexError):
        raise PayloadFormatError(
            "error deserializing raw event: Reached end of bytes when parsing as thrift format"
        ) from None
    missing = [name for name in _REQUIRED if name not in fields]
    if missing:
        raise PayloadFormatError(f"error deserializing raw event: Required field '{missing[0]}' was not found")
    payload = CollectorPayload(**fields)  # type: ignore[arg-type]  # _read_struct types each field by its id
    if not payload.schema.startswith(SCHEMA_PREFIX) or not payload.schema[len(SCHEMA_PREFIX) :].isdecimal():
        raise PayloadFormatError(f"verifying record as {SCHEMA_PREFIX}* failed: found another schema")
    return payload, payload.body if payload.body is None or payload.body.isascii() else body


def _read_struct(record: bytes) -> tuple[dict[str, object], bytes | None]:
    """Return the fields, and the bytes of the last body that is not ASCII."""
    fields: dict[str, object] = {}
    utf8_body: bytes | None = None
    position, size = 0, len(record)
    # A slice of this is an ASCII string ready to use, without bytes and a decoder in between.
    characters = record.decode("latin-1")
    while (kind := record[position]) != _STOP:
        if kind == _STRING:
            _, field_id, length = _STRING_FIELD.unpack_from(record, position)
            start = position + _STRING_FIELD.size
            position = start + length
            if length < 0 or position > size:
                _checked(length, record, start)
            if (name := _STRINGS.get(field_id)) is not None:
                text = characters[start:position]
                if not text.isascii():
                    octets = record[start:position]
                    text = utf8.decode(octets)
                    if name == "body":
                        utf8_body = octets
                fields[name] = text
            continue
        _, field_id = _FIELD.unpack_from(record, position)
        position += _FIELD.size
        if kind == _I64 and field_id == _TIMESTAMP:
            fields["timestamp"] = _I64_VALUE.unpack_from(record, position)[0]
            position += 8
        elif kind == _LIST and field_id == _HEADERS and record[position] == _STRING:
            fields["headers"], position = _read_headers(record, characters, position + 1)
        else:
            position = _skip(record, position, kind, 0)
    return fields, utf8_body


def _read_headers(record: bytes, characters: str, position: int) -> tuple[tuple[str, ...], int]:
    """Read strings after their number; return them and the place after them."""
    unpack, size = _LENGTH.unpack_from, len(record)
    (count,) = unpack(record, position)
    position += 4
    texts: list[str] = []
    for _ in range(_checked(count, record, position)):
        (length,) = unpack(record, position)
        start = position + 4
        position = start + length
        if length < 0 or position > size:
            _checked(length, record, start)
        text = characters[start:position]
        texts.append(text if text.isascii() else utf8.decode(record[start:position]))
    return tuple(texts), position


def _checked(count: int, record: bytes, position: int) -> int:
    """Bound a length by the bytes left: each element is at least a byte, so no claim can make the reader loop."""
    if count < 0:
        raise PayloadFormatError("error deserializing raw event: negative length")
    if count > len(record) - position:
        raise IndexError
    return count


def _skip(record: bytes, position: int, kind: int, nesting: int) -> int:
    if nesting > _MAX_NESTING:
        raise PayloadFormatError("error deserializing raw event: nested too deeply")
    if width := _FIXED_WIDTH.get(kind):
        _checked(width, record, position)
        return position + width
    if kind == _STRING:
        (length,) = _LENGTH.unpack_from(record, position)
        return position + 4 + _checked(length, record, position + 4)
    if kind == _STRUCT:
        while (inner := record[position]) != _STOP:
            position = _skip(record, position + 3, inner, nesting + 1)
        return position + 1
    if kind in (_LIST, _SET):
        inner = record[position]
        (count,) = _LENGTH.unpack_from(record, position + 1)
        position += 5
        for _ in range(_checked(count, record, position)):
            position = _skip(record, position, inner, nesting + 1)
        return position
    if kind == _MAP:
        key, value = record[position], record[position + 1]
        (count,) = _LENGTH.unpack_from(record, position + 2)
        position += 6
        for _ in range(_checked(count, record, position)):
            position = _skip(record, _skip(record, position, key, nesting + 1), value, nesting + 1)
        return position
    raise PayloadFormatError(f"error deserializing raw event: Unrecognized type {kind}")
