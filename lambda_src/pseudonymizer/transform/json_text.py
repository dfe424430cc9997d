"""Strict JSON in, compact JSON out, numbers kept digit by digit."""

import json
from collections.abc import Iterable, Sequence

import msgspec

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError

MAXIMUM_DEPTH = 100  # Enrich stops at 50, and a failed event wraps an event

# Numbers with a fraction or an exponent stay text (`Raw`): 1.0, 1e400 and 0.1 leave as they came.
_DECODER = msgspec.json.Decoder(float_hook=msgspec.Raw)

encode = msgspec.json.encode


def decode(text: str) -> object:
    """Parse JSON to dict, list, str, int, bool, None and `msgspec.Raw` (any other number).

    Raises UnprocessableError for what is not JSON (NaN and lone surrogates included), for a key that occurs twice in an
    object, whose first value a reader might see and another not, and for more than MAXIMUM_DEPTH levels.
    """
    try:
        value: object = _DECODER.decode(text)
    except RecursionError:
        raise UnprocessableError(Reason.NESTED_TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeError):
        raise UnprocessableError(Reason.NOT_JSON) from None
    # Both looks at all values are for texts that are not as most are: what is asked before needs no step of Python.
    if text.count("[") + text.count("{") > MAXIMUM_DEPTH and _is_deep(value):
        raise UnprocessableError(Reason.NESTED_TOO_DEEP)
    if not holds_all([value], [text]) and _has_duplicate_key(text):
        raise UnprocessableError(Reason.DUPLICATE_KEYS)
    return value


def holds_all(values: Sequence[object], texts: Iterable[str]) -> bool:
    """Return whether it is certain that no key occurred twice in the JSON texts of these values.

    No part of JSON is encoded longer than it was written. So equal length proves that no key was left out.
    """
    written = "".join(texts)
    length = len(written) if written.isascii() else len(written.encode())
    return len(encode(values)) == length + len(values) + 1  # with brackets and commas


def scalar_text(value: object) -> str:
    """Return the text of a number or boolean as it is written in JSON."""
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode()
    if type(value) is bool:
        return "true" if value else "false"
    return str(value)


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAXIMUM_DEPTH):
        inner: list[object] = []
        for each in level:
            if type(each) is dict:
                inner += [item for item in each.values() if type(item) is dict or type(item) is list]
            elif type(each) is list:
                inner += [item for item in each if type(item) is dict or type(item) is list]
        if not inner:
            return False
        level = inner
    return True


def _has_duplicate_key(text: str) -> bool:
    found = False

    def note(pairs: list[tuple[str, object]]) -> None:
        nonlocal found
        found = found or len({key for key, _ in pairs}) < len(pairs)

    json.loads(text, object_pairs_hook=note, parse_int=str, parse_float=str)
    return found
