"""The tracker protocol's parameters: the text of each becomes the text of its cell, or an error.

Functions and error texts are those of Enrich 6.x, but a message never quotes the value.
"""

import re
import uuid
from binascii import a2b_base64
from collections.abc import Mapping
from decimal import Decimal

import pybase64

from services.enricher.text import java_digits
from services.enricher.text.timestamps import TimestampError, format_timestamp
from wire.querystring import tsv_safe
from wire.tracker_protocol import EVENT_TYPES, PLATFORMS

_IP_SEPARATOR = re.compile(r"[,| ]")
_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?")
_DIMENSIONS = re.compile("0*([0-9]+)x0*([0-9]+)")  # the groups have no leading zeros, as `0*` takes all it can
# Nearly every tracker sends numbers in their canonical form, which need no conversion; others are converted to it.
_SURE_DIGITS = 9
_SURE_DIMENSIONS = _SURE_DIGITS + len("0x")  # neither side is longer than a sure number
_SURE_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")
UUID = re.compile("-".join(rf"[0-9a-fA-F]{{{digits}}}" for digits in (8, 4, 4, 4, 12)))
_LENIENT_UUID = re.compile(r"\+?([^+-]+)-\+?([^+-]+)-\+?([^+-]+)-\+?([^+-]+)-\+?([^+-]+)", re.DOTALL)
_UUID_LENGTH, _UUID_BITS = 36, (32, 16, 16, 16, 48)
_INT32, _INT64 = 2**31, 2**63
_INT64_DIGITS = 19
# Java would write 1E1000000000 out, zero by zero.
_MAX_EXPONENT = 400
_BASE64_ALPHABET = bytes.maketrans(b"-_", b"+/")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


class ParameterError(ValueError):
    """The text does not fit; the message is Enrich's, without the text."""


def ip_address(text: str) -> str:
    """Keep what stands before the first comma, pipe or space."""
    return tsv_safe(_IP_SEPARATOR.split(text, maxsplit=1)[0])


class _Codes(dict[str, str]):
    """The cell for each code that a parameter may have. Raises ParameterError with the message for any other text."""

    def __init__(self, codes: Mapping[str, str], message: str) -> None:
        super().__init__(codes)
        self._message = message

    def __missing__(self, _text: str) -> str:
        raise ParameterError(self._message)


# Tables and not functions: every event has codes, and a look-up is all that they need.
event_type = _Codes(EVENT_TYPES, "Not a valid event type").__getitem__
platform = _Codes({code: code for code in PLATFORMS}, "Not a valid platform").__getitem__
boolean = _Codes({"1": "1", "0": "0"}, "Cannot be converted to Boolean-like java.lang.Byte").__getitem__


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
    if not UUID.fullmatch(text):
        raise ParameterError("Not a valid UUID")
    return text.lower()


def lenient_uuid(text: str) -> str:
    """Accept what Java's UUID parser accepts, short groups and digits of any script too; print it in canonical form."""
    if UUID.fullmatch(text):
        return text.lower()
    match = _LENIENT_UUID.fullmatch(text)
    if match is None or len(text) > _UUID_LENGTH:
        raise ParameterError("not valid UUID")
    number = 0
    for group, bits in zip(match.groups(), _UUID_BITS, strict=True):
        part = java_digits.hexadecimal(group)
        if part is None or part >= _INT64:
            raise ParameterError("not valid UUID")
        number = number << bits | part & ((1 << bits) - 1)
    return str(uuid.UUID(int=number))


def dimensions(text: str) -> tuple[str, str]:
    """Return width and height of `1024x768`, each without leading zeros."""
    match = _DIMENSIONS.fullmatch(text)
    if match is None:
        raise ParameterError(r"Does not conform to regex (\d+)x(\d+)")
    width, height = match.groups()
    if len(text) > _SURE_DIMENSIONS and not (_is_int32(width) and _is_int32(height)):
        raise ParameterError("Could not be converted to java.lang.Integer s")
    return width, height


def _is_int32(digits: str) -> bool:
    return len(digits) <= _SURE_DIGITS + 1 and int(digits) < _INT32


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
    if len(encoded) % 4 == 1:  # six bits alone are not a byte
        encoded = encoded[:-1]
    return a2b_base64(encoded + b"=" * (-len(encoded) % 4))


def _bounded_integer(text: str, limit: int) -> int | None:
    """Return the number that digits of any script make, None outside [-limit, limit); leading zeros do not count."""
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
