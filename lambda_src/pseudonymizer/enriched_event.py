"""The good stream: enriched events of 131 TAB separated columns in, the same with pseudonyms out.

Events are read one by one; then each column is treated once for all of them: docs/adr/0050-columns.md.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lambda_src.pseudonymizer import json_columns, json_text
from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.formats import Format, Stamp
from lambda_src.pseudonymizer.json_columns import Wrapper
from lambda_src.pseudonymizer.plan import Plan
from wire.columns import COLUMNS, INDEX

_WIDTH = len(COLUMNS)
_DERIVED_CONTEXTS = INDEX["derived_contexts"]


class Event(NamedTuple):
    """An event as it was read: its cells, and by position what those hold that are JSON and not to be erased."""

    cells: list[str]
    wrappers: dict[int, Wrapper]


def make(plan: Plan, stamp: Stamp = str) -> Format[Event]:
    """Return the format of events. `stamp` makes of derived contexts those that are delivered.

    It refuses what is no enriched event: other bytes than UTF-8, another number of columns, a JSON column that holds
    something else than self-describing JSON in its wrapper.
    """
    json_positions = sorted(json_columns.POSITIONS - dict(plan.cells).keys())

    def read(record: bytes) -> Event:
        try:
            cells = record.decode().split("\t")
        except UnicodeDecodeError:
            raise UnprocessableError(Reason.NOT_UTF8) from None
        if len(cells) != _WIDTH:
            raise UnprocessableError(Reason.WRONG_COLUMN_COUNT)
        return Event(cells, json_columns.read(cells, json_positions, plan.entities))

    def treat(events: Sequence[Event]) -> list[str]:
        cells: list[str] = []
        for event in events:
            cells += event.cells
        for position, action in plan.cells:
            column = cells[position::_WIDTH]
            shown = plan.actions.column(action, column)
            if shown is not column:
                cells[position::_WIDTH] = [text or "" for text in shown]
        wrappers = [event.wrappers for event in events]
        plan.entities.treat(json_columns.held([wrapper for each in wrappers for wrapper in each.values()]))
        for position in json_positions:
            texts = iter(json_text.encode_each([each[position] for each in wrappers if position in each]))
            cells[position::_WIDTH] = [next(texts) if position in each else "" for each in wrappers]
        cells[_DERIVED_CONTEXTS::_WIDTH] = map(stamp, cells[_DERIVED_CONTEXTS::_WIDTH])
        return ["\t".join(cells[start : start + _WIDTH]) for start in range(0, len(cells), _WIDTH)]

    return Format(read, treat)
