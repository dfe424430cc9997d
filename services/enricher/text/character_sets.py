"""Sets of characters as ranges of code points: what a class of a regular expression stands for."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

type Ranges = tuple[tuple[int, int], ...]

_LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)  # no text holds one


def of(*members: str | int | tuple[int, int]) -> Ranges:
    """Return a set: each character of a text, code points, and ranges of them with both ends."""
    ranges: list[tuple[int, int]] = []
    for member in members:
        if isinstance(member, str):
            ranges += [(ord(character), ord(character)) for character in member]
        else:
            ranges.append((member, member) if isinstance(member, int) else member)
    return _normal(ranges)


def union(*sets: Ranges) -> Ranges:
    """Return what is in any of the sets."""
    return _normal([each for one in sets for each in one])


def inverse(ranges: Ranges) -> Ranges:
    """Return what is not in the set."""
    found, start = [], 0
    for first, last in (*ranges, (_LAST + 1, _LAST + 1)):
        if start < first:
            found.append((start, first - 1))
        start = last + 1
    return tuple(found)


def intersection(one: Ranges, other: Ranges) -> Ranges:
    """Return what is in both sets."""
    return inverse(union(inverse(one), inverse(other)))


def in_both_cases(ranges: Ranges) -> Ranges:
    """Return the set with the other case of each ASCII letter in it."""
    letters = intersection(ranges, of((65, 90), (97, 122)))
    return union(ranges, tuple((first ^ 32, last ^ 32) for first, last in letters))


@lru_cache(64)
def category(name: str) -> Ranges:
    """Return the characters of a general category of Unicode, `Lu`, or of all that begin with a letter, `L`."""
    codes = (code for code in range(_LAST + 1) if unicodedata.category(chr(code)).startswith(name))
    return _normal((code, code) for code in codes)


def written(ranges: Ranges) -> str:
    """Write the set as a class of ECMAScript."""
    kept = intersection(ranges, inverse((_SURROGATES,)))
    if not kept:
        return r"[^\s\S]"
    return "[" + "".join(_character(a) if a == b else f"{_character(a)}-{_character(b)}" for a, b in kept) + "]"


def _character(code: int) -> str:
    character = chr(code)
    if character.isascii() and character.isalnum():
        return character
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else character


def _normal(ranges: Iterable[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)
