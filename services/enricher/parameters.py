"""The tracker protocol's parameters: the text of each becomes the text of its cell, or an error.

Functions and error texts are those of Enrich 6.x, but a message never quotes the value.
"""

import re
import uuid
from binascii import a2b_base64
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

import pybase64
from msgspec import Struct

from services.enricher.memo import Memo
from services.enricher.timestamps import TimestampError, format_timestamp
from wire.columns import INDEX
from wire.tracker_protocol import EVENT_TYPES, PARAMETERS, PLATFORMS, Parameter, ParameterFunction

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_IP_SEPARATOR = re.compile(r"[,| ]")
_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?")
_DIMENSIONS = re.compile(r"([0-9]+)x([0-9]+)")
# What nearly every tracker sends, and needs no conversion; the rest goes the long way to the same result.
_SURE_DIGITS = 9
_SURE_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")
_KEPT, _COUNT_LENGTH, _SCREEN_LENGTH = 1024, 3, len("99999x99999")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_LENIENT_UUID = re.compile(r"\+?([0-9a-fA-F]+)-\+?([0-9a-fA-F]+)-\+?([0-9a-fA-F]+)-\+?([0-9a-fA-F]+)-\+?([0-9a-fA-F]+)")
_UUID_LENGTH, _UUID_BITS = 36, (32, 16, 16, 16, 48)
_INT32, _INT64 = 2**31, 2**63
_INT64_DIGITS = 19
# Java would write 1E1000000000 out, zero by zero.
_MAX_EXPONENT = 400
_BASE64_ALPHABET = bytes.maketrans(b"-_", b"+/")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


class ParameterError(ValueError):
    """The text does not fit; the message is Enrich's, without the text."""


def tsv_safe(text: str) -> str:
    """Replace each TAB by four spaces and delete every other ASCII control character."""
    return text if text.isprintable() else _CONTROL.sub("", text.replace("\t", "    "))


def ip_address(text: str) -> str:
    """Keep what stands before the first comma, pipe or space."""
    return tsv_safe(_IP_SEPARATOR.split(text, maxsplit=1)[0])


def event_type(text: str) -> str:
    """Return the event's name for its code."""
    if text not in EVENT_TYPES:
        raise ParameterError("Not a valid event type")
    return EVENT_TYPES[text]


def platform(text: str) -> str:
    """Accept a platform's code."""
    if text not in PLATFORMS:
        raise ParameterError("Not a valid platform")
    return text


def integer(text: str) -> str:
    """Return a signed 32 bit integer in its shortest form; `null` in any case is empty."""
    if text.isdecimal() and len(text) <= _SURE_DIGITS and text.isascii() and (text[0] != "0" or text == "0"):
        return text
    if text.lower() == "null":
        return ""
    number = _bounded_integer(text, _INT32)
    if number is None:
        raise ParameterError("Cannot be converted to java.lang.Integer")
    return str(number)


def decimal(text: str) -> str:
    """Return a decimal as Java's BigDecimal prints it, never with a positive exponent; `null` in any case is empty."""
    if _SURE_DECIMAL.fullmatch(text):
        return text
    if text.lower() == "null":
        return ""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ParameterError("Cannot be converted to java.math.BigDecimal. Error : not a decimal number")
    exponent = _bounded_integer(match[1] or "0", _INT32)
    if exponent is None or exponent > _MAX_EXPONENT:
        raise ParameterError("Cannot be converted to java.math.BigDecimal. Error : exponent out of range")
    number = Decimal(text)
    printed = str(number or number.copy_abs())  # Java knows no negative zero
    return f"{number:f}" if "E+" in printed else printed


def timestamp(text: str) -> str:
    """Format ms since the epoch for the TSV."""
    try:
        sure = text.isdecimal() and len(text) < _INT64_DIGITS
        return format_timestamp(int(text) if sure else milliseconds(text))
    except TimestampError as error:
        raise ParameterError(str(error)) from None


def milliseconds(text: str) -> int:
    """Read a signed 64 bit number of ms since the epoch. Raises ParameterError."""
    if text.isdecimal() and len(text) < _INT64_DIGITS:
        return int(text)
    number = _bounded_integer(text, _INT64)
    if number is None:
        raise ParameterError("Not in the expected format: ms since epoch")
    return number


def canonical_uuid(text: str) -> str:
    """Accept a UUID of the form 8-4-4-4-12, lower-cased."""
    if not _UUID.fullmatch(text):
        raise ParameterError("Not a valid UUID")
    return text.lower()


def lenient_uuid(text: str) -> str:
    """Accept what Java's UUID parser accepts, short groups too, and print it in canonical form."""
    if _UUID.fullmatch(text):
        return text.lower()
    match = _LENIENT_UUID.fullmatch(text)
    if match is None or len(text) > _UUID_LENGTH:
        raise ParameterError("not valid UUID")
    number = 0
    for group, bits in zip(match.groups(), _UUID_BITS, strict=True):
        part = int(group, 16)
        if part >= _INT64:
            raise ParameterError("not valid UUID")
        number = number << bits | part & ((1 << bits) - 1)
    return str(uuid.UUID(int=number))


def boolean(text: str) -> str:
    """Accept `1` and `0`."""
    if text not in ("1", "0"):
        raise ParameterError("Cannot be converted to Boolean-like java.lang.Byte")
    return text


def dimensions(text: str) -> tuple[str, str]:
    """Return width and height of `1024x768`."""
    match = _DIMENSIONS.fullmatch(text)
    if match is None:
        raise ParameterError(r"Does not conform to regex (\d+)x(\d+)")
    width, height = (_bounded_integer(side, _INT32) for side in match.groups())
    if width is None or height is None:
        raise ParameterError("Could not be converted to java.lang.Integer s")
    return str(width), str(height)


def decode_base64(text: str) -> bytes:
    """Decode leniently: both alphabets, no padding needed, foreign characters skipped, all after a `=` ignored."""
    if "+" not in text and "/" not in text:
        try:
            return pybase64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        except ValueError:  # not as trackers write it
            pass
    return _decode_leniently(text)


def _decode_leniently(text: str) -> bytes:
    encoded = text.partition("=")[0].encode("ascii", "ignore").translate(_BASE64_ALPHABET).translate(None, _NOT_BASE64)
    if len(encoded) % 4 == 1:  # six bits alone are no byte
        encoded = encoded[:-1]
    return a2b_base64(encoded + b"=" * (-len(encoded) % 4))


def _bounded_integer(text: str, limit: int) -> int | None:
    """Read digits of any script in [-limit, limit), None if they are not; leading zeros are nothing to count."""
    if not text.isdecimal() and not _INTEGER.fullmatch(text):
        return None
    if len(text) > _INT64_DIGITS:
        sign, digits = ("-" if text[0] == "-" else ""), "".join(str(int(digit)) for digit in text.lstrip("+-"))
        digits = digits.lstrip("0") or "0"
        if len(digits) > _INT64_DIGITS:
            return None
        text = sign + digits
    number = int(text)
    return number if -limit <= number < limit else None


def _few[Made](function: Callable[[str], Made], longest: int = _SCREEN_LENGTH) -> Callable[[str], Made]:
    """Return the function with a memory of the last valid texts, none of them longer than so many characters."""
    return Memo(function, _KEPT, lambda text: len(text) <= longest).__getitem__


# Codes, screens, windows and counters have few values. Longer numbers can be anybody's, and are not kept.
_FUNCTIONS: dict[ParameterFunction, Callable[[str], str | tuple[str, str]]] = {
    ParameterFunction.IP: ip_address,
    ParameterFunction.EVENT_TYPE: _few(event_type),
    ParameterFunction.PLATFORM: _few(platform),
    ParameterFunction.INTEGER: _few(integer, _COUNT_LENGTH),
    ParameterFunction.DECIMAL: decimal,
    ParameterFunction.TIMESTAMP: timestamp,
    ParameterFunction.UUID: canonical_uuid,
    ParameterFunction.BOOLEAN: _few(boolean),
    ParameterFunction.DIMENSIONS: _few(dimensions),
}
# Most depends on the keys alone, and a tracker sends the same ones again and again; there may be any others, too.
KEYS_KEPT, _KEYS_LENGTH = 256, 500


def are_short(keys: tuple[str, ...]) -> bool:
    """Tell whether the keys of an event are no longer than a tracker's."""
    return sum(map(len, keys)) <= _KEYS_LENGTH


class _Plan(Struct):
    """Where the values of some keys go: text as it is, and what a function makes of it, for one or for two columns."""

    texts: Callable[[Mapping[str, str | None]], tuple[Any, ...]]
    positions: list[int]
    rules: list[tuple[str, Callable[[str], Any], int | slice]]


def _plan(keys: tuple[str, ...]) -> _Plan:
    known = [PARAMETERS[key] for key in keys if key in PARAMETERS]
    texts = [each for each in known if each.function is ParameterFunction.TSV_SAFE]
    texts.sort(key=lambda each: each.key == "tnuid")  # beats nuid wherever it stands
    rules = [(each.key, _FUNCTIONS[each.function], _columns(each)) for each in known if each.function in _FUNCTIONS]
    return _Plan(values_of([each.key for each in texts]), [INDEX[each.columns[0]] for each in texts], rules)


def values_of(keys: Sequence[str]) -> Callable[[Mapping[str, str | None]], tuple[Any, ...]]:
    """Return what takes the values of these keys out of parameters that have them."""
    if len(keys) > 1:
        return itemgetter(*keys)
    return lambda parameters: tuple(parameters[key] for key in keys)  # one key's value alone would be no tuple


_plans = Memo(_plan, KEYS_KEPT, are_short)


def _columns(parameter: Parameter) -> int | slice:
    """Return the parameter's column, or both, which stand side by side."""
    first = INDEX[parameter.columns[0]]
    return first if len(parameter.columns) == 1 else slice(first, first + len(parameter.columns))


def apply(parameters: Mapping[str, str | None], cells: list[str]) -> dict[str, str]:
    """Fill the cells of one event; return the message of each parameter that did not fit, by its key."""
    errors: dict[str, str] = {}
    plan = _plans[tuple(parameters)]
    texts = plan.texts(parameters)
    if None not in texts and "".join(texts).isprintable():
        for position, text in zip(plan.positions, texts, strict=True):
            cells[position] = text
    else:
        for position, text in zip(plan.positions, texts, strict=True):
            if text is not None:
                cells[position] = tsv_safe(text)
    for key, function, column in plan.rules:
        if (text := parameters[key]) is not None:
            try:
                cells[column] = function(text)
            except ParameterError as error:
                errors[key] = str(error)
    return errors
