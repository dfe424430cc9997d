"""How long a column's text may be, in UTF-16 code units: Enrich fails the event, and truncates nothing."""

from itertools import batched, pairwise
from operator import itemgetter

from wire.columns import COLUMNS

_LIMITED = [(position, column.name, column.max_length) for position, column in enumerate(COLUMNS) if column.max_length]
# A few columns of like limits: what an event writes into all of them is mostly shorter than the least of their limits,
# and then one look at them together is enough.
_EDGES, _TOGETHER = (0, 3, 25, 36, 64, 100, 128, 255, 1000, 3000, 10_000), 10
_BANDS = [
    (itemgetter(*(position for position, _, _ in columns)), min(limit for _, _, limit in columns), columns)
    for above, most in pairwise(_EDGES)
    for columns in batched([column for column in _LIMITED if above < column[2] <= most], _TOGETHER, strict=False)
]


def too_long(cells: list[str]) -> dict[str, int]:
    """Return each over-long column with its limit, in the columns' order."""
    found: set[str] = set()
    for texts, least, columns in _BANDS:
        together = "".join(texts(cells))
        if len(together) > least or not together.isascii():
            for position, name, limit in columns:
                cell = cells[position]
                if len(cell) > limit or (not cell.isascii() and _units(cell) > limit):
                    found.add(name)
    return {name: limit for _, name, limit in _LIMITED if name in found} if found else {}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
