"""The parts of a payload that are checked before any adapter, and a message for each invalid one."""

import re

from msgspec import Struct

from services.enricher.fields import parameters
from services.enricher.fields.parameters import ParameterError
from services.enricher.text import charsets, querystring
from services.enricher.text.querystring import Pairs, QuerystringError
from wire import utf8
from wire.collector_payload import CollectorPayload
from wire.failed_events import Json
from wire.querystring import Decode
from wire.self_describing import SNOWPLOW

_PATH = re.compile(r"/?([^/]+)/([^/]+)/?")


class Checked(Struct):
    """The parts: vendor and version of the path, the network user id in canonical form, the querystring's pairs.

    `decode` makes text of a querystring's bytes. `messages` are those of `collector_payload_format_violation`, one
    failed event each.
    """

    path: tuple[str, str] = ("", "")
    network_user_id: str = ""
    querystring: Pairs = []
    decode: Decode = utf8.decode
    messages: list[Json] = []


def check(payload: CollectorPayload) -> Checked:
    """Check all parts; a wrong one does not hide the others."""
    checked = Checked()
    decode = charsets.decoder(payload.encoding)
    if decode is None:
        checked.messages.append({"error": "error deserializing raw event: an encoding of an unknown name"})
        return checked
    checked.decode = decode
    if payload.path is None:
        checked.messages.append(_wrong("path", None, "request does not contain a path"))
    elif (path := _split_path(payload.path)) is not None:
        checked.path = path
    else:
        expectation = "path does not match (/)vendor/version(/) nor is a legacy /i(ce.png) request"
        checked.messages.append(_wrong("path", payload.path, expectation))
    try:
        if payload.network_user_id is not None:
            checked.network_user_id = parameters.lenient_uuid(payload.network_user_id)
    except ParameterError as error:
        checked.messages.append(_wrong("networkUserId", payload.network_user_id, str(error)))
    try:
        checked.querystring = querystring.parse(payload.querystring, decode)
    except QuerystringError as error:
        checked.messages.append(_wrong("querystring", payload.querystring, str(error)))
    return checked


def _split_path(path: str) -> tuple[str, str] | None:
    if match := _PATH.fullmatch(path):
        return match[1], match[2]
    if path == "/i" or path.startswith(("/i?", "/ice.png")):
        return SNOWPLOW, "tp1"
    return None


def _wrong(field_name: str, value: str | None, expectation: str) -> Json:
    return {"payloadField": field_name, "value": value, "expectation": expectation}
