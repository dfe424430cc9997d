"""Contexts and unstruct events as trackers write them: read, found flat enough and valid, and written.

What is of another form or invalid goes the general way of `entities`, which says why.
"""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from services.enricher.iglu.validation import Iglu
from services.enricher.text import exact_json
from wire.self_describing import FLAT_LEVELS, SNOWPLOW, FlatData

DEPTH = 3 + FLAT_LEVELS  # the wrapper, the list, an entity; its data


class _Entity(Struct, forbid_unknown_fields=True, gc=False):
    schema: str
    data: FlatData


class _Contexts(Struct, forbid_unknown_fields=True, gc=False):
    schema: str
    data: list[_Entity]


class _Unstruct(Struct, forbid_unknown_fields=True, gc=False):
    schema: str
    data: _Entity


class Usual(Struct, gc=False):
    """What is valid, as the cell's JSON, and the schema of the only or first entity."""

    cell: str
    schema: str


class Form(Struct, frozen=True):
    """A kind of wrapper: how it is read, how its schemas begin, and the one that is written."""

    read: Callable[[str | bytes], _Contexts | _Unstruct]
    uri: str
    written: str


_CONTEXTS_URI = f"iglu:{SNOWPLOW}/contexts/jsonschema/1-0-"
_UNSTRUCT_URI = f"iglu:{SNOWPLOW}/unstruct_event/jsonschema/1-0-"
CONTEXTS = Form(msgspec.json.Decoder(_Contexts).decode, _CONTEXTS_URI, f"{_CONTEXTS_URI}1")
UNSTRUCT = Form(msgspec.json.Decoder(_Unstruct).decode, _UNSTRUCT_URI, f"{_UNSTRUCT_URI}0")


def usual(texts: Sequence[str | bytes], form: Form, iglu: Iglu) -> list[Usual | None]:
    """Return the entities of each text, None for a text that must go the general way.

    All are read, then validated, then written: each of that is much code (docs/adr/0037-stage-by-stage.md).
    """
    wrappers: list[_Contexts | _Unstruct | None] = []
    for text in texts:
        try:
            wrappers.append(form.read(text))
        except (msgspec.DecodeError, UnicodeError):
            wrappers.append(None)
    for place, wrapper in enumerate(wrappers):
        if wrapper is not None and not _is_valid(wrapper, form, iglu):
            wrappers[place] = None
    return [
        None if wrapper is None else _written(text, wrapper, form)
        for text, wrapper in zip(texts, wrappers, strict=True)
    ]


def _is_valid(wrapper: _Contexts | _Unstruct, form: Form, iglu: Iglu) -> bool:
    """Return whether the wrapper's schema says no more than its form, and there are entities, all of them valid."""
    named, entities, accepts = wrapper.schema, _entities(wrapper), iglu.accepts
    if not entities or not named.startswith(form.uri) or named not in iglu.wrappers:
        return False
    for entity in entities:
        if (is_valid := accepts.get(entity.schema)) is None or not is_valid(entity.data):
            return False
    return True


def _written(text: str | bytes, wrapper: _Contexts | _Unstruct, form: Form) -> Usual | None:
    """Return the entities as they are written, None if a `-0` may be among them, which was read as 0."""
    wrapper.schema = form.written
    encoded = msgspec.json.encode(wrapper)
    written = encoded.decode()
    # Nothing is written longer than it was read, and 0 is shorter than `-0`: a text that kept its length had none. To
    # search every text for it would cost more than a tenth of what the entities cost.
    length = len(encoded) if isinstance(text, bytes) else len(written)
    if length != len(text) and exact_json.may_hold_negative_zero(text):
        return None
    return Usual(exact_json.as_circe(written), _entities(wrapper)[0].schema)


def _entities(wrapper: _Contexts | _Unstruct) -> list[_Entity]:
    return wrapper.data if isinstance(wrapper, _Contexts) else [wrapper.data]
