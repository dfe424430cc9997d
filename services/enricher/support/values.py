"""Several values taken out of a list or a dictionary by one call of native code."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any


def values_of(keys: Sequence[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes the values of these keys, or positions, out of what has them: always a tuple."""
    if len(keys) > 1:
        return itemgetter(*keys)
    if not keys:
        return lambda _holder: ()
    (key,) = keys
    return lambda holder: (holder[key],)
