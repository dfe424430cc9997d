"""The good stream: enriched events of 131 TAB separated columns in, the same with pseudonyms out.

Events are read one by one; then each column is treated once for all of them, or all of one day, since times are shown
relative to the collector's: docs/adr/0033-columns.md.
"""

from collections.abc import Sequence
from itertools import chain

import msgspec

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.formats import json_columns
from lambda_src.pseudonymizer.formats.format import Format, Stamp
from lambda_src.pseudonymizer.formats.json_columns import Json
from lambda_src.pseudonymizer.transform import json_text
from lambda_src.pseudonymizer.transform.bound_policy import Plan
from wire.columns import COLUMNS, INDEX

_WIDTH = len(COLUMNS)
_DERIVED_CONTEXTS = INDEX["derived_contexts"]
_COLLECTOR_TIME = INDEX["collector_tstamp"]
_DAY = len("2026-01-31")


class Event(msgspec.Struct, gc=False):
    """An event as it was read: its cells, and what those hold that are JSON and not to be erased."""

    cells: list[str]
    json: Json


def make(plan: Plan, stamp: Stamp = str) -> Format[Event]:
    """Return the format of events. `stamp` makes of derived contexts those that are delivered.

    It refuses what is not an enriched event: other bytes than UTF-8, the wrong number of columns, a JSON column that
    holds something else than self-describing JSON in its wrapper.
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
        days = {event.cells[_COLLECTOR_TIME][:_DAY] for event in events}
        if len(days) < 2:
            return treat_day(events, *days)
        lines: dict[int, str] = {}
        for day in days:
            positions = [at for at, event in enumerate(events) if event.cells[_COLLECTOR_TIME][:_DAY] == day]
            lines |= zip(positions, treat_day([events[at] for at in positions], day), strict=True)
        return [lines[at] for at in range(len(events))]

    def treat_day(events: Sequence[Event], day: str = "") -> list[str]:
        plan.times.around(day)
        cells: list[str] = []
        for event in events:
            cells += event.cells
        empty = [""] * len(events)
        for position, action in plan.cells:
            column = cells[position::_WIDTH]
            if column != empty and (shown := plan.actions.column(action, column)) is not column:
                cells[position::_WIDTH] = [text or "" for text in shown]
        plan.entities.treat(chain.from_iterable(event.json.entities for event in events))
        for position in json_positions:
            cells[position::_WIDTH] = [
                json_text.encode(wrapper).decode() if (wrapper := event.json.wrappers.get(position)) else ""
                for event in events
            ]
        cells[_DERIVED_CONTEXTS::_WIDTH] = map(stamp, cells[_DERIVED_CONTEXTS::_WIDTH])
        return ["\t".join(cells[start : start + _WIDTH]) for start in range(0, len(cells), _WIDTH)]

    return Format(read, treat)
