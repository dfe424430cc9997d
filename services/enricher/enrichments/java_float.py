"""A number as Java's `Float.toString` writes it: what Enrich puts into the float columns."""

from ctypes import c_float
from decimal import Decimal

_MAX_DIGITS = 9  # that a 32-bit float can need to differ from its neighbours
_PLAIN_FROM, _PLAIN_BELOW = 1e-3, 1e7


def java_float(number: float) -> str:
    """Return the shortest decimal that reads back as the same 32 bit float; `number` is finite as such a float."""
    value = c_float(number).value
    if value == 0:
        return "0.0"
    candidates = (f"{value:.{digits}e}" for digits in range(_MAX_DIGITS))
    shortest = next(text for text in candidates if c_float(float(text)).value == value)
    if _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        return _with_point(f"{Decimal(shortest):f}")
    digits, exponent = shortest.split("e")
    return f"{_with_point(digits)}E{int(exponent)}"


def _with_point(digits: str) -> str:
    return digits if "." in digits else f"{digits}.0"
