"""Limits of a sender's text: the length of each column in UTF-16 code units, and the depth of JSON.

Enrich fails an event that is over a limit, and truncates nothing.
"""

from collections.abc import Mapping

from services.enricher.text import exact_json
from wire.columns import COLUMNS, INDEX

COLUMN_LIMITS = {column.name: column.max_length for column in COLUMNS if column.max_length}


class Limits:
    """The limits in force; `columns` has those that differ from Enrich's.

    With `accept_invalid` an event with an over-long column is enriched like any other, and counted.
    """

    def __init__(
        self,
        columns: Mapping[str, int] | None = None,
        *,
        max_json_depth: int = exact_json.MAX_DEPTH,
        accept_invalid: bool = False,
    ) -> None:
        self.max_json_depth = max_json_depth
        self.accept_invalid = accept_invalid
        of_columns = {**COLUMN_LIMITS, **(columns or {})}
        self._columns = [(INDEX[name], name, limit) for name, limit in of_columns.items()]

    def too_long(self, cells: list[str]) -> dict[str, int]:
        """Return each over-long column with its limit, in the columns' order."""
        return {
            name: limit
            for position, name, limit in self._columns
            if (cell := cells[position]) and (len(cell) > limit or (not cell.isascii() and _units(cell) > limit))
        }


SNOWPLOW_DEFAULTS = Limits()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
