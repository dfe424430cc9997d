"""The good stream: one enriched event of 131 TAB separated columns in, the same with pseudonyms out."""

from collections.abc import Callable
from functools import partial
from itertools import compress

from lambda_src.pseudonymizer import json_text
from lambda_src.pseudonymizer.actions import TextAction, taken_apart
from lambda_src.pseudonymizer.entities import Entities
from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.plan import Plan
from wire.columns import COLUMNS, INDEX

_CONTEXTS = tuple(f"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-{addition}" for addition in (0, 1))
_EVENT = ("iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",)
_WRAPPERS = {"contexts": _CONTEXTS, "unstruct_event": _EVENT, "derived_contexts": _CONTEXTS}


def transformer(plan: Plan) -> Callable[[bytes], str]:
    """Return the function from a record to its pseudonymized line, without line end.

    It raises UnprocessableError for what is no enriched event: other bytes than UTF-8, another number of columns, a
    JSON column that holds something else than self-describing JSON in its wrapper.
    """
    actions = _json_actions(plan.entities) | dict(plan.cells)
    counts = plan.actions.counts
    positions = range(len(COLUMNS))
    in_order = [taken_apart(actions[position], counts) for position in positions]
    shows, otherwise = [each.shows for each in in_order], [each.otherwise for each in in_order]

    def transform(record: bytes) -> str:
        try:
            event = record.decode().split("\t")
        except UnicodeDecodeError:
            raise UnprocessableError(Reason.NOT_UTF8) from None
        if len(event) != len(COLUMNS):
            raise UnprocessableError(Reason.WRONG_COLUMN_COUNT)
        allowed = 0
        # Most columns are empty: `compress` takes the others without a step of Python for each of the 131.
        for position in compress(positions, event):
            cell = event[position]
            if shows[position](cell):
                allowed += 1
            else:
                event[position] = otherwise[position](cell) or ""
        counts.allowed += allowed
        return "\t".join(event)

    return transform


def _json_actions(entities: Entities) -> dict[int, TextAction]:
    return {INDEX[name]: partial(_json_column, entities, schemas) for name, schemas in _WRAPPERS.items()}


def _json_column(entities: Entities, schemas: tuple[str, ...], text: str) -> str:
    wrapper = json_text.decode(text)
    if not isinstance(wrapper, dict) or len(wrapper) != 2 or wrapper.get("schema") not in schemas:
        raise UnprocessableError(Reason.NOT_SELF_DESCRIBING)
    data = wrapper.get("data")
    if schemas == _EVENT:
        shown: object = entities.self_describing(data)
    elif isinstance(data, list):
        shown = [entities.self_describing(item) for item in data]
    else:
        raise UnprocessableError(Reason.NOT_SELF_DESCRIBING)
    # The data comes last, whatever the order was: provenance is added at its end.
    return json_text.encode({"schema": wrapper["schema"], "data": shown}).decode()
