"""JSON as it came: read for validation and kept for output, with every number's text.

Integers keep their size. A number with a fraction or an exponent is a Decimal where it is validated and its own text
where it is written, so `1e2` stays `1e2`. Of duplicate keys the last wins. Lone surrogates and invalid UTF-8 are
refused. The text is never part of an error.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Never

import msgspec

MAX_DEPTH = 50
# A string that does not end runs to the end of the text: the search must not begin again at each quote in it.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class JsonTextError(ValueError):
    """The text is no JSON, or is nested too deeply; the message describes the defect as Enrich's NotJson does."""


class _FractionError(Exception):
    """There is a number that is no integer."""


@dataclass(frozen=True, slots=True)
class JsonText:
    """One JSON twice: `value` with Decimals for validation, `exact` for msgspec to write with each number's text."""

    value: object
    exact: object


def _fraction(_text: str) -> Never:
    raise _FractionError


_INTEGERS = msgspec.json.Decoder(float_hook=_fraction)
_VALUES = msgspec.json.Decoder(float_hook=Decimal)
_EXACT = msgspec.json.Decoder(float_hook=lambda text: msgspec.Raw(text.encode()))


def parse(text: str | bytes) -> JsonText:
    """Read JSON text. Raises JsonTextError."""
    if _is_too_deep(text):
        raise JsonTextError("invalid json: maximum allowed JSON depth exceeded")
    try:
        try:
            value = _INTEGERS.decode(text)
        except _FractionError:
            return JsonText(_VALUES.decode(text), _EXACT.decode(text))
        return JsonText(value, value)
    except UnicodeError:
        raise JsonTextError("invalid json: the text is not valid Unicode") from None
    except (msgspec.DecodeError, ArithmeticError) as defect:
        raise JsonTextError(f"invalid json: {_description(defect)}") from None


def dump(value: object) -> str:
    """Write compact JSON, non-ASCII as it is."""
    return msgspec.json.encode(value).decode()


def _description(defect: Exception) -> str:
    # A path into the document (`- at $[0].key`) would name the sender's keys.
    return str(defect).partition(" - at ")[0] if isinstance(defect, msgspec.DecodeError) else "number out of range"


def _is_too_deep(text: str | bytes) -> bool:
    """Tell whether a container lies at level 50 or below, before a decoder recurses into it."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")  # only ASCII matters here
    if text.count("[") + text.count("{") < MAX_DEPTH:
        return False
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        bracket = match[0]
        if bracket in ("[", "{"):
            depth += 1
        elif bracket in ("]", "}"):
            depth -= 1
        if depth >= MAX_DEPTH:
            return True
    return False
