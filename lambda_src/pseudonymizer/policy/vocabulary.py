"""Is a text in a vocabulary? Asked for most values of an event, so native code answers wherever it can."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from lambda_src.pseudonymizer.policy.policy import Vocabulary

# Returns whether a text is shown as it is.
type TextTest = Callable[[str], object]
# Returns whether all values are such texts, and none is empty. It may raise TypeError when one is not text.
type ColumnTest = Callable[[Iterable[Any]], bool]

# No text that a pattern allows is longer: what stands for a category or a version is short, long text hides other text.
LONGEST_ALLOWED = 128

MOST_REMEMBERED = 256
# Patterns of one run of digits, such as -?[0-9]{1,5} or 0|1[0-9]{12}.
_DIGITS = re.compile(r"(?:0\|)?(-\?)?(?:\[0-9\]\{1,([0-9]{1,2})\}|([1-9])\[0-9\]\{([0-9]{1,2})\})")


@cache
def membership(vocabulary: Vocabulary, *, recurring: bool) -> TextTest:
    """Return the test of a text; `recurring` members are remembered: a pattern costs ten times what a look-up does."""
    if vocabulary.values is not None:
        return vocabulary.values.__contains__
    matches = re.compile(vocabulary.pattern or "", re.ASCII).fullmatch
    return _Remembered(matches).__getitem__ if recurring else matches


def column_membership(vocabulary: Vocabulary, *, recurring: bool) -> ColumnTest:
    """Return the test of a whole column."""
    if vocabulary.values is not None:
        return (vocabulary.values - {""}).issuperset
    is_member = membership(vocabulary, recurring=recurring)
    return lambda values: all(map(is_member, values))


def integers(vocabulary: Vocabulary) -> range:
    """Return integers whose text is in the vocabulary, so that they need not become text: none for most patterns."""
    match = _DIGITS.fullmatch(vocabulary.pattern or "")
    if match is None:
        return range(0)
    minus, most_digits, first_digit, other_digits = match.groups()
    if most_digits:
        end = 10 ** int(most_digits)
        return range(1 - end if minus else 0, end)
    unit = 10 ** int(other_digits)
    return range(int(first_digit) * unit, (int(first_digit) + 1) * unit)


class _Remembered(dict[str, bool]):
    """Members of a vocabulary that occurred, a bounded number. Anything else may be personal and is not kept."""

    def __init__(self, matches: TextTest) -> None:
        self._matches = matches

    def __missing__(self, text: str) -> bool:
        if not 0 < len(text) <= LONGEST_ALLOWED or not self._matches(text):
            return False
        if len(self) < MOST_REMEMBERED:
            self[text] = True
        return True
