"""JSON as it came: read for validation and kept for output, with every number's text.

Integers keep their size. A number with a fraction or an exponent is a Decimal where it is validated and its own text
where it is written, so `1e2` stays `1e2`. Of duplicate keys the last wins. A lone surrogate is read as `?`, invalid
UTF-8 as U+FFFD, as Java does (docs/adr/0029-invalid-unicode.md). The text is never part of an error.
"""

import re
from decimal import Decimal
from typing import Never

import msgspec
from msgspec import Struct

MAX_DEPTH = 50  # of a sender's text, Enrich's
# A cell that this program wrote wraps what was read, and the pseudonymizer reads no deeper text.
OWN_DEPTH = 100
# One escape after the other, so that an escaped backslash begins none: a pair of surrogates, one alone, any other.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_TOO_DEEP = "invalid json: maximum allowed JSON depth exceeded"


class ExactJsonError(ValueError):
    """The text is not JSON, or is nested too deeply; the message describes the defect as Enrich's NotJson does."""


class _FractionError(Exception):
    """There is a number that is not an integer."""


class ExactJson(Struct, frozen=True):
    """One JSON twice: `value` with Decimals for validation, `exact` for msgspec to write with each number's text."""

    value: object
    exact: object


def _fraction(_text: str) -> Never:
    raise _FractionError


_INTEGERS = msgspec.json.Decoder(float_hook=_fraction)
_VALUES = msgspec.json.Decoder(float_hook=Decimal)
_EXACT = msgspec.json.Decoder(float_hook=lambda text: msgspec.Raw(text.encode()))


def parse(text: str | bytes, max_depth: int = MAX_DEPTH) -> ExactJson:
    """Read JSON text; `max_depth` levels are too deep. Raises ExactJsonError."""
    try:
        try:
            value = exact = _INTEGERS.decode(text)
        except _FractionError:
            value, exact = _VALUES.decode(text), _EXACT.decode(text)
    except RecursionError:
        raise ExactJsonError(_TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeError, ArithmeticError) as defect:
        if (mended := _mended(text)) == text:
            raise ExactJsonError(f"invalid json: {_description(defect)}") from None
        return parse(mended, max_depth)
    opened = text.count(b"[") + text.count(b"{") if isinstance(text, bytes) else text.count("[") + text.count("{")
    if opened >= max_depth and _is_too_deep(value, max_depth):
        raise ExactJsonError(_TOO_DEEP)
    return ExactJson(value, exact)


def _mended(text: str | bytes) -> str | bytes:
    """Return the text with what no Unicode text holds replaced, equal to it if it holds nothing of the kind."""
    if isinstance(text, bytes):
        return _ESCAPE.sub(_mark, text.decode(errors="replace")).encode()
    return _ESCAPE.sub(_mark, text)


def _mark(escape: re.Match[str]) -> str:
    return "?" if escape[1] else escape[0]


def dump(value: object) -> str:
    """Write compact JSON, non-ASCII as it is."""
    return msgspec.json.encode(value).decode()


def _description(defect: Exception) -> str:
    if isinstance(defect, msgspec.DecodeError):
        return str(defect).partition(" - at ")[0]  # a path into the document would name the sender's keys
    return "the text is not valid Unicode" if isinstance(defect, UnicodeError) else "number out of range"


def _is_too_deep(value: object, max_depth: int) -> bool:
    """Return whether a container lies at this level or below; strings and numbers end a branch."""
    level = [value]
    for _ in range(max_depth - 1):
        inner: list[object] = []
        for container in level:
            if isinstance(container, dict):
                inner += container.values()
            elif isinstance(container, list):
                inner += container
        level = [each for each in inner if isinstance(each, (dict, list))]
        if not level:
            return False
    return True
