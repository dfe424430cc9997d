"""The enriched event as a line of 131 cells, and as the object in a failed event's payload."""

from operator import gt, itemgetter

import msgspec

from wire.columns import COLUMNS, INDEX, ColumnKind
from wire.failed_events import Json

SCHEMA = "iglu:com.snowplowanalytics.snowplow/atomic/jsonschema/1-0-0"
_LIMITED = [(position, column.name, column.max_length) for position, column in enumerate(COLUMNS) if column.max_length]
_CELLS = itemgetter(*(position for position, _, _ in _LIMITED))
_LIMITS = [limit for _, _, limit in _LIMITED]
_BREAKS = str.maketrans({"\t": "    ", "\n": None, "\r": None})
_NUMBERS = {ColumnKind.INTEGER, ColumnKind.BYTE, ColumnKind.DECIMAL, ColumnKind.FLOAT}


def empty_event() -> list[str]:
    """Return 131 empty cells; empty is null."""
    return [""] * len(COLUMNS)


def line(cells: list[str]) -> str:
    """Join the cells; no cell can break the line, whatever a collector wrote into the record."""
    joined = "\t".join(cells)
    if joined.count("\t") != len(COLUMNS) - 1 or "\n" in joined or "\r" in joined:
        joined = "\t".join(cell.translate(_BREAKS) for cell in cells)
    return joined


def too_long(cells: list[str]) -> dict[str, int]:
    """Return each over-long column with its limit in UTF-16 code units."""
    limited = _CELLS(cells)
    if not any(map(gt, map(len, limited), _LIMITS)) and _units_are_characters("".join(limited)):
        return {}
    return {name: limit for position, name, limit in _LIMITED if _utf16_length(cells[position]) > limit}


def _units_are_characters(text: str) -> bool:
    return text.isascii() or len(text.encode("utf-16-le")) == 2 * len(text)


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def as_object(cells: list[str]) -> Json:
    """Return `payload.enriched`: null for empty, numbers as numbers with their own text, JSON cells as strings."""
    return {column.name: _value(column.kind, cells[INDEX[column.name]]) for column in COLUMNS}


def _value(kind: ColumnKind, cell: str) -> object:
    if not cell:
        return None
    return msgspec.Raw(cell.encode()) if kind in _NUMBERS else cell
