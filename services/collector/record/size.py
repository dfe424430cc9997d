"""Fit a payload into records: whole, split by its events, or as size violations.

Wire contract (docs/reference/wire-contract.md): B.8 Oversized payloads.
"""

from copy import replace
from typing import NamedTuple

import msgspec

from services.collector import PROCESSOR
from wire.collector_payload import CollectorPayload, decode, encode
from wire.failed_events import size_violation
from wire.self_describing import SchemaKey, SchemaKeyError


class Limits(NamedTuple):
    """Bytes: a record of either stream is smaller than its limit; a larger payload than `payload` is not split."""

    good: int
    bad: int
    payload: int


class Records(NamedTuple):
    """What one request becomes: Thrift payloads for the good stream, failed events for the bad one."""

    good: list[bytes]
    bad: list[bytes]


class _CannotSplitError(ValueError):
    """The payload cannot be split; the text says why and quotes nothing of it."""


class _Envelope(NamedTuple):
    """The body taken apart: its schema, and each event's compact JSON."""

    schema: bytes
    events: list[bytes]


def fit(record: bytes, limits: Limits) -> Records:
    """Fit a request's record; every event of it is in exactly one good record or accounted for by a bad one."""
    size = len(record)
    if size < limits.good:
        return Records([record], [])
    payload = decode(record)
    if size > limits.payload:
        message = f"Payload exceeds max size of {limits.payload}. Actual length: {size}"
        return Records([], [_violation(payload, limits, limits.payload, size, message)])
    try:
        return _split(payload, size, limits)
    except _CannotSplitError as error:
        return Records([], [_violation(payload, limits, limits.good, size, str(error))])


def _split(payload: CollectorPayload, size: int, limits: Limits) -> Records:
    envelope = _open(payload.body)
    # What remains of the payload without its events; brackets and a comma after each event are part of the array.
    overhead = size - (sum(len(event) + 1 for event in envelope.events) + (1 if envelope.events else 2))
    if overhead >= limits.good or not envelope.events:
        raise _CannotSplitError('cannot split this POST request because event without "data" field is still too big')
    # Two bytes less than upstream, whose fullest batch is a byte over the limit.
    room = limits.good - overhead - 2
    batches: list[list[bytes]] = []
    bad: list[bytes] = []
    running = room
    for event in envelope.events:
        needed = len(event) + 1
        if needed > room:
            message = "this POST request split is still too large"
            bad.append(_violation(payload, limits, limits.good, len(event), message))
            continue
        if running + needed > room:
            batches.append([])
            running = 0
        batches[-1].append(event)
        running += needed
    return Records([_record(payload, envelope.schema, batch) for batch in batches], bad)


def _open(body: str | None) -> _Envelope:
    if body is None:
        raise _CannotSplitError("GET requests cannot be split")
    try:
        compact = msgspec.json.format(body.encode("utf-8", "replace"), indent=-1)
    except RecursionError:
        raise _CannotSplitError("cannot split POST requests which are not json nested too deeply") from None
    except msgspec.DecodeError as error:
        raise _CannotSplitError(f"cannot split POST requests which are not json {error}") from None
    try:
        members = msgspec.json.decode(compact, type=dict[str, msgspec.Raw])
        schema, data = members["schema"], members["data"]
        SchemaKey.parse(msgspec.json.decode(schema, type=str))
    except (msgspec.DecodeError, KeyError, SchemaKeyError):
        raise _CannotSplitError(
            "cannot split POST requests which are not self-describing: schema and data are expected"
        ) from None
    try:
        events = msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.DecodeError:
        raise _CannotSplitError("cannot split POST requests which do not contain a data array") from None
    return _Envelope(bytes(schema), [bytes(event) for event in events])


def _record(payload: CollectorPayload, schema: bytes, batch: list[bytes]) -> bytes:
    body = b'{"schema":%b,"data":[%b]}' % (schema, b",".join(batch))
    return encode(replace(payload, body=body.decode()))


def _violation(payload: CollectorPayload, limits: Limits, maximum: int, actual: int, message: str) -> bytes:
    return size_violation(
        PROCESSOR,
        maximum=maximum,
        actual=actual,
        expectation=f"oversized collector payload: {message}",
        original=_rendering(payload),
        # A character takes up to six bytes in JSON, and the failed event has to fit its stream.
        payload_limit=min(maximum // 10, limits.bad // 8),
    )


def _rendering(payload: CollectorPayload) -> str:
    """Render the payload as Java's Thrift does, which is what recovery jobs parse; unset fields are left out."""
    fields = {
        "schema": payload.schema,
        "ipAddress": payload.ip_address,
        "timestamp": payload.timestamp,
        "encoding": payload.encoding,
        "collector": payload.collector,
        "userAgent": payload.user_agent,
        "refererUri": payload.referer_uri,
        "path": payload.path,
        "querystring": payload.querystring,
        "body": payload.body,
        "headers": f"[{', '.join(payload.headers)}]",
        "contentType": payload.content_type,
        "hostname": payload.hostname,
        "networkUserId": payload.network_user_id,
    }
    return f"CollectorPayload({', '.join(f'{name}:{value}' for name, value in fields.items() if value is not None)})"
