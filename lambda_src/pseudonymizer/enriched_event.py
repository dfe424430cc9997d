"""The good stream: enriched events of 131 TAB separated columns in, the same with pseudonyms out.

Events are read one by one; then each column is treated once for all of them: docs/adr/0050-columns.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from lambda_src.pseudonymizer import columns, json_text
from lambda_src.pseudonymizer.entities import Entities, Entity
from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.formats import Format, Stamp
from lambda_src.pseudonymizer.plan import Plan
from wire.columns import COLUMNS, INDEX

_CONTEXTS = tuple(f"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-{addition}" for addition in (0, 1))
_EVENT = ("iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",)
_WRAPPERS = {INDEX["contexts"]: _CONTEXTS, INDEX["unstruct_event"]: _EVENT, INDEX["derived_contexts"]: _CONTEXTS}
_DERIVED_CONTEXTS = INDEX["derived_contexts"]
_WIDTH = len(COLUMNS)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was read: its cells, and of those that hold JSON the entities, by position."""

    cells: list[str]
    json: dict[int, "_Wrapper"]


@dataclass(frozen=True, slots=True)
class _Wrapper:
    schema: str
    entities: list[Entity]
    is_event: bool

    def text(self) -> str:
        # The data comes last, whatever the order was: provenance is added at its end.
        data: object = self.entities[0] if self.is_event else self.entities
        return json_text.encode({"schema": self.schema, "data": data}).decode()


def make(plan: Plan, stamp: Stamp = str) -> Format[Event]:
    """Return the format of events. `stamp` makes of derived contexts those that are delivered.

    It refuses what is no enriched event: other bytes than UTF-8, another number of columns, a JSON column that holds
    something else than self-describing JSON in its wrapper.
    """
    entities = plan.entities
    actions = [(position, plan.actions.column(action)) for position, action in plan.cells]
    erased = {position for position, _ in plan.cells}
    wrappers = [(position, schemas) for position, schemas in _WRAPPERS.items() if position not in erased]

    def read(record: bytes) -> Event:
        try:
            cells = record.decode().split("\t")
        except UnicodeDecodeError:
            raise UnprocessableError(Reason.NOT_UTF8) from None
        if len(cells) != _WIDTH:
            raise UnprocessableError(Reason.WRONG_COLUMN_COUNT)
        return Event(
            cells,
            {position: _read(entities, schemas, text) for position, schemas in wrappers if (text := cells[position])},
        )

    def treat(events: Sequence[Event]) -> list[str]:
        cells = list(chain.from_iterable(event.cells for event in events))
        for position, action in actions:
            column = cells[position::_WIDTH]
            shown = columns.treat(column, action)
            if shown is not column:
                cells[position::_WIDTH] = [text or "" for text in shown]
        entities.treat(
            entity for event in events for wrapper in event.json.values() for entity in wrapper.entities
        )
        for position, _ in wrappers:
            cells[position::_WIDTH] = [
                wrapper.text() if (wrapper := event.json.get(position)) else "" for event in events
            ]
        cells[_DERIVED_CONTEXTS::_WIDTH] = map(stamp, cells[_DERIVED_CONTEXTS::_WIDTH])
        return ["\t".join(cells[start : start + _WIDTH]) for start in range(0, len(cells), _WIDTH)]

    return Format(read, treat)


def _read(entities: Entities, schemas: tuple[str, ...], text: str) -> _Wrapper:
    wrapper = json_text.decode(text)
    if not isinstance(wrapper, dict) or len(wrapper) != 2 or wrapper.get("schema") not in schemas:
        raise UnprocessableError(Reason.NOT_SELF_DESCRIBING)
    data = wrapper.get("data")
    is_event = schemas == _EVENT
    if not is_event and not isinstance(data, list):
        raise UnprocessableError(Reason.NOT_SELF_DESCRIBING)
    items = [data] if is_event else data
    return _Wrapper(wrapper["schema"], [entities.entity(item) for item in items], is_event)
