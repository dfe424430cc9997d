"""What a sender's text may be: how long a column's, in UTF-16 code units, and how deep a JSON.

Enrich fails an event that is over a limit, and truncates nothing.
"""

from collections.abc import Mapping
from itertools import batched, pairwise
from operator import itemgetter
from sys import maxsize

from services.enricher import json_text
from wire.columns import COLUMNS, INDEX

COLUMN_LIMITS = {column.name: column.max_length for column in COLUMNS if column.max_length}
# A few columns of like limits: what an event writes into all of them is mostly shorter than the least of their limits,
# and then one look at them together is enough.
_EDGES, _TOGETHER = (0, 3, 25, 36, 64, 100, 128, 255, 1000, 3000, maxsize), 10


class Limits:
    """The limits that hold; `columns` has those that differ from Enrich's.

    With `accept_invalid` an event with an over-long column is enriched like any other, and counted.
    """

    def __init__(
        self,
        columns: Mapping[str, int] | None = None,
        *,
        max_json_depth: int = json_text.MAX_DEPTH,
        accept_invalid: bool = False,
    ) -> None:
        of_columns = {**COLUMN_LIMITS, **(columns or {})}
        limited = [(INDEX[name], name, limit) for name, limit in of_columns.items()]
        self.max_json_depth = max_json_depth
        self.accept_invalid = accept_invalid
        self._columns = of_columns
        self._bands = [
            (itemgetter(*(position for position, _, _ in band)), min(limit for _, _, limit in band), band)
            for above, most in pairwise(_EDGES)
            for band in batched([column for column in limited if above < column[2] <= most], _TOGETHER, strict=False)
        ]

    def too_long(self, cells: list[str]) -> dict[str, int]:
        """Return each over-long column with its limit, in the columns' order."""
        found: set[str] = set()
        for texts, least, band in self._bands:
            together = "".join(texts(cells))
            if len(together) > least or not together.isascii():
                for position, name, limit in band:
                    cell = cells[position]
                    if len(cell) > limit or (not cell.isascii() and _units(cell) > limit):
                        found.add(name)
        return {name: limit for name, limit in self._columns.items() if name in found} if found else {}


ENRICHS = Limits()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
