"""The enriched event as a line of 131 cells, and as the object in a failed event's payload."""

import msgspec

from wire.columns import COLUMNS, INDEX, ColumnKind
from wire.failed_events import Json

SCHEMA = "iglu:com.snowplowanalytics.snowplow/atomic/jsonschema/1-0-0"
_BREAKS = str.maketrans({"\t": "    ", "\n": None, "\r": None})
_NUMBERS = {ColumnKind.INTEGER, ColumnKind.BYTE, ColumnKind.DECIMAL, ColumnKind.FLOAT}


def empty_event() -> list[str]:
    """Return 131 empty cells; empty is null."""
    return [""] * len(COLUMNS)


def line(cells: list[str]) -> str:
    """Join the cells; no cell can break the line, whatever a collector wrote into the record."""
    text = "".join(cells)
    if "\t" in text or "\n" in text or "\r" in text:
        cells = [cell.translate(_BREAKS) for cell in cells]
    return "\t".join(cells)


def as_object(cells: list[str]) -> Json:
    """Return `payload.enriched`: null for empty, numbers as numbers with their own text, JSON cells as strings."""
    return {column.name: _value(column.kind, cells[INDEX[column.name]]) for column in COLUMNS}


def _value(kind: ColumnKind, cell: str) -> object:
    if not cell:
        return None
    return msgspec.Raw(cell.encode()) if kind in _NUMBERS else cell
