"""JSON with the text of every number: read for validation, and kept for output.

Integers keep their size. A number with a fraction or an exponent, and `-0`, is a Decimal and never an integer where it
is validated and its own text where it is written, so `1e2` stays `1e2`. Of duplicate keys the last wins. A lone
surrogate is read as `?`, invalid UTF-8 as U+FFFD, as Java does (docs/adr/0029-invalid-unicode.md). The text is never
part of an error.
"""

import re
from decimal import Decimal
from typing import Never

import msgspec
from msgspec import Struct

from wire import utf8

MAX_DEPTH = 50  # of a sender's text, Enrich's
# A cell of ours adds levels around what was read, and the pseudonymizer reads no deeper text.
OWN_DEPTH = 100
# One escape after the other, so that an escaped backslash begins none: a pair of surrogates, one alone, any other.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
# Java's BigDecimal has an exponent of 32 bits; one with more digits does not fit.
_EXPONENT_DIGITS = 10
# msgspec reads `-0` as the integer 0. This stands for it in a text that is read once more.
_NEGATIVE_ZERO = "-0.00000000000000000000e-0"
# The expression begins with a literal, which the regular expression engine finds fast.
_ZERO = r"-0(?<![^\s:,\[]-0)(?=[\s,}\]]|$)"
_ZERO_TEXT, _ZERO_BYTES = re.compile(_ZERO, re.ASCII), re.compile(_ZERO.encode())
_STRING_OR_ZERO = re.compile(r'"(?:[^"\\]|\\.)*+"|(?<![eE])(-0)(?=[\s,}\]]|$)', re.DOTALL)
# What circe escapes in a string, and msgspec does not.
_CONTROL = re.compile("[\x7f-\x9f]")
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


def _value(text: str) -> Decimal | str:
    """Return a number that validates as no integer, as in Java; one that no BigDecimal holds is a string there."""
    _, _, exponent = text.lower().partition("e")
    if len(exponent.lstrip("+-0")) > _EXPONENT_DIGITS:
        return text
    number = Decimal(text)
    written = str(number)
    return number if "." in written or "E" in written else Decimal(f"{written}.0")


def _written(text: str) -> msgspec.Raw:
    return msgspec.Raw(b"-0" if text == _NEGATIVE_ZERO else text.encode())


def _big_decimal(text: str) -> msgspec.Raw:
    number = _value(text)
    if text == _NEGATIVE_ZERO or isinstance(number, str):
        return msgspec.Raw(b"0" if text == _NEGATIVE_ZERO else text.encode())
    number = Decimal(text)
    return msgspec.Raw(str(number or number.copy_abs()).encode())  # Java knows no negative zero


_INTEGERS = msgspec.json.Decoder(float_hook=_fraction)
_VALUES = msgspec.json.Decoder(float_hook=_value)
_EXACT = msgspec.json.Decoder(float_hook=_written)
_BIG_DECIMALS = msgspec.json.Decoder(float_hook=_big_decimal)


def parse(text: str | bytes, max_depth: int = MAX_DEPTH) -> ExactJson:
    """Read JSON text; `max_depth` levels are too deep. Raises ExactJsonError."""
    if may_hold_negative_zero(text):
        text = _with_negative_zeros(text)
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


def with_big_decimals(text: str) -> object:
    """Read a cell that this program wrote, each number with the text that Java's BigDecimal gives it."""
    return _BIG_DECIMALS.decode(_with_negative_zeros(text) if may_hold_negative_zero(text) else text)


def _mended(text: str | bytes) -> str | bytes:
    """Return the text with lone surrogates and invalid UTF-8 replaced; valid text stays equal."""
    if isinstance(text, bytes):
        return _ESCAPE.sub(_mark, utf8.decode(text)).encode()
    return _ESCAPE.sub(_mark, text)


def _mark(escape: re.Match[str]) -> str:
    return "?" if escape[1] else escape[0]


def may_hold_negative_zero(text: str | bytes) -> bool:
    """Return whether there may be a `-0` outside of strings; it may say yes for a text without any."""
    found = _ZERO_BYTES.search(text) if isinstance(text, bytes) else _ZERO_TEXT.search(text)
    return found is not None


def _with_negative_zeros(text: str | bytes) -> str | bytes:
    if isinstance(text, bytes):
        return _STRING_OR_ZERO.sub(_zero, text.decode(errors="surrogateescape")).encode(errors="surrogateescape")
    return _STRING_OR_ZERO.sub(_zero, text)


def _zero(match: re.Match[str]) -> str:
    return _NEGATIVE_ZERO if match[1] else match[0]


def dump(value: object) -> str:
    """Write compact JSON as circe does: non-ASCII as it is, but for the control characters U+007F to U+009F."""
    return as_circe(msgspec.json.encode(value).decode())


def as_circe(text: str) -> str:
    """Return the JSON that msgspec wrote as circe writes it."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _CONTROL.sub(_escaped, text)


def _escaped(character: re.Match[str]) -> str:
    return f"\\u{ord(character[0]):04x}"


def _description(defect: Exception) -> str:
    if isinstance(defect, msgspec.DecodeError):
        return str(defect).partition(" - at ")[0]  # a path into the document would name the sender's keys
    return "the text is not valid Unicode" if isinstance(defect, UnicodeError) else "number out of range"


def _is_too_deep(value: object, max_depth: int) -> bool:
    """Return whether anything lies below this level: a container there may be empty."""
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
    return any(level)
