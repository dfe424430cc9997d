"""Hexadecimal digits as Java's `Character.digit` knows them: ASCII's, any script's decimals, full-width letters."""

from unicodedata import decimal

_FULL_WIDTH = {chr(first + digit): 10 + digit for first in (0xFF21, 0xFF41) for digit in range(6)}
_LAST_OF_ONE_UNIT = "\uffff"  # Java looks at UTF-16 code units


def hexadecimal(text: str) -> int | None:
    """Return the number that the digits of a text make; None if one is not a digit, or there is none."""
    number = 0
    for character in text:
        digit = _digit(character)
        if digit is None:
            return None
        number = number * 16 + digit
    return number if text else None


def _digit(character: str) -> int | None:
    if "a" <= character <= "f" or "A" <= character <= "F":
        return int(character, 16)
    return decimal(character, _FULL_WIDTH.get(character)) if character <= _LAST_OF_ONE_UNIT else None
