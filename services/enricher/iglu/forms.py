"""The schemas that nearly every request meets, recognised by what they say: Python checks these forms faster.

jsonschema-rs takes each value over before it looks at it: a batch's texts, and all data of a wrapper that says nothing
of the data. A schema that says anything else is none of these forms, and goes the general way.
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct


class TextObjects:
    """The form of a list of objects of texts, one at least."""

    def __init__(self, required: frozenset[str], allowed: frozenset[str]) -> None:
        self._required, self._allowed = required, allowed

    def takes(self, keys: frozenset[str]) -> bool:
        """Return whether an object of the list may have these keys."""
        return self._required <= keys <= self._allowed


class _Exact(Struct, forbid_unknown_fields=True):
    description: str = ""


class _Text(_Exact, kw_only=True):
    type: Literal["string"]


class _Object(_Exact, rename="camel", kw_only=True):
    type: Literal["object"]
    required: frozenset[str]
    additional_properties: bool


class _TextObject(_Object, kw_only=True):
    properties: dict[str, _Text]


class _TextObjects(_Exact, rename="camel", kw_only=True):
    type: Literal["array"]
    min_items: Literal[1]
    items: _TextObject


class _Uri(_Exact, kw_only=True):
    type: Literal["string"]
    pattern: Literal["^iglu:[a-zA-Z0-9-_.]+/[a-zA-Z0-9-_]+/[a-zA-Z0-9-_]+/[0-9]+-[0-9]+-[0-9]+$"]


class _Properties(_Exact, kw_only=True):
    schema: _Uri
    data: _Exact


class _Wrapper(_Object, kw_only=True):
    properties: _Properties


class _Wrappers(_Exact, rename="camel", kw_only=True):
    type: Literal["array"]
    items: _Wrapper
    min_items: Literal[0, 1] = 0


def text_objects(schema: dict[str, Any]) -> TextObjects | None:
    """Return what the schema says if it has this form."""
    try:
        items = msgspec.convert(schema, _TextObjects).items
    except msgspec.ValidationError:
        return None
    return None if items.additional_properties else TextObjects(items.required, frozenset(items.properties))


def is_wrapper(schema: dict[str, Any]) -> bool:
    """Return whether one self-describing JSON, or any list of some, is what fulfils the schema, whatever its data."""
    try:
        if schema.get("type") == "array":
            one = msgspec.convert(schema, _Wrappers).items
        else:
            one = msgspec.convert(schema, _Wrapper)
    except msgspec.ValidationError:
        return False
    return not one.additional_properties and one.required == {"schema", "data"}
