"""Contexts and unstruct events as trackers write them: read, found flat enough and valid at one go, and written.

None says nothing: what is of another form or invalid goes the general way of `entities`, which says why.
"""

import msgspec
from msgspec import Struct

from services.enricher import json_text
from services.enricher.iglu import Iglu

type _Scalar = str | int | bool | None

# The wrapper, the list, an entity, its data, a list or an object in it, and the objects of such a list.
DEPTH = 6


class _Entity(Struct, forbid_unknown_fields=True, gc=False):
    schema: str
    data: dict[str, _Scalar | list[_Scalar | dict[str, _Scalar]] | dict[str, _Scalar]]


class _Contexts(Struct, forbid_unknown_fields=True, gc=False):
    schema: str
    data: list[_Entity]


class _Unstruct(Struct, forbid_unknown_fields=True, gc=False):
    schema: str
    data: _Entity


_read_contexts = msgspec.json.Decoder(_Contexts).decode
_read_unstruct = msgspec.json.Decoder(_Unstruct).decode


def contexts(text: str | bytes, uri: str, written: str, iglu: Iglu) -> str | None:
    """Return contexts in the wrapper `written` whose own is `uri`, all valid, one at least."""
    try:
        wrapper = _read_contexts(text)
    except (msgspec.DecodeError, UnicodeError):
        return None
    named, accepts = wrapper.schema, iglu.accepts
    if not wrapper.data or not named.startswith(uri) or named not in iglu.wrappers:
        return None
    for entity in wrapper.data:
        if (is_valid := accepts.get(entity.schema)) is None or not is_valid(entity.data):
            return None
    wrapper.schema = written
    return json_text.dump(wrapper)


def unstruct(text: str | bytes, uri: str, written: str, iglu: Iglu) -> tuple[str, str] | None:
    """Return a valid event in the wrapper `written` whose own is `uri`, and the event's schema."""
    try:
        wrapper = _read_unstruct(text)
    except (msgspec.DecodeError, UnicodeError):
        return None
    named, event = wrapper.schema, wrapper.data
    if not named.startswith(uri) or named not in iglu.wrappers:
        return None
    if (is_valid := iglu.accepts.get(event.schema)) is None or not is_valid(event.data):
        return None
    wrapper.schema = written
    return json_text.dump(wrapper), event.schema
