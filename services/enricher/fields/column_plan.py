"""What follows from the keys of an event's parameters alone: which columns they fill, and how.

A tracker sends the same keys again and again, so it is found once for each set of them. There may be any others, too.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from services.enricher.fields import parameters
from services.enricher.fields.parameters import ParameterError
from services.enricher.support.memo import Memo
from wire.columns import INDEX
from wire.querystring import tsv_safe
from wire.tracker_protocol import PARAMETERS, Parameter, ParameterFunction

# Codes, screens, windows and counters have few values. Longer numbers can be anybody's, and are not kept.
_VALUES_KEPT, _COUNT_LENGTH, _SCREEN_LENGTH = 1024, 3, len("99999x99999")
# So many sets of keys, none of them longer than a tracker's.
PLANS_KEPT, _KEYS_LENGTH = 256, 500

# Scala's maps keep the order of four keys. Of more, these come after the other parameter of their column, as the hashes
# of their texts say.
_IN_ORDER = 4
_LAST_OF_MANY = frozenset({"se_ca", "se_ac", "ev_la", "ev_pr", "ev_va", "ti_nm"})

type Parameters = Mapping[str, str | None]


def _few[Made](function: Callable[[str], Made], longest: int = _SCREEN_LENGTH) -> Callable[[str], Made]:
    """Return the function with a memory of the last valid texts, none of them longer than so many characters."""
    return Memo(function, _VALUES_KEPT, lambda text: len(text) <= longest).__getitem__


_FUNCTIONS: dict[ParameterFunction, Callable[[str], str | tuple[str, str]]] = {
    ParameterFunction.IP: parameters.ip_address,
    ParameterFunction.EVENT_TYPE: _few(parameters.event_type),
    ParameterFunction.PLATFORM: _few(parameters.platform),
    ParameterFunction.INTEGER: _few(parameters.integer, _COUNT_LENGTH),
    ParameterFunction.DECIMAL: parameters.decimal,
    ParameterFunction.TIMESTAMP: parameters.timestamp,
    ParameterFunction.UUID: parameters.canonical_uuid,
    ParameterFunction.BOOLEAN: _few(parameters.boolean),
    ParameterFunction.DIMENSIONS: _few(parameters.dimensions),
}


class ColumnPlan(Struct, eq=False):
    """What is to be done with the values of some keys.

    `texts` go to one column each, what a function makes of the others to one or two.
    """

    keys: tuple[str, ...]
    texts: list[tuple[str, int]]
    made: list[tuple[str, Callable[[str], Any], int | slice]]

    @property
    def is_kept(self) -> bool:
        """Whether the next event with these keys has the same plan: they are no longer than a tracker's."""
        return _are_short(self.keys)

    def apply(self, of_event: Parameters, cells: list[str]) -> dict[str, str]:
        """Fill the cells of an event that has these keys; return the message of each parameter that did not fit."""
        errors: dict[str, str] = {}
        for key, column in self.texts:
            if (text := of_event[key]) is not None:
                cells[column] = text if text.isprintable() else tsv_safe(text)
        for key, function, place in self.made:
            if (text := of_event[key]) is not None:
                try:
                    cells[place] = function(text)
                except ParameterError as error:
                    errors[key] = str(error)
        return errors


def is_fixed_order(number: int) -> bool:
    """Return whether so many parameters are in an order of Enrich's own: its maps of five and more are hashed."""
    return number > _IN_ORDER


def _plan(keys: tuple[str, ...]) -> ColumnPlan:
    """Of two parameters of one column the last wins; where there are many parameters it is always the same one."""
    known = [PARAMETERS[key] for key in keys if key in PARAMETERS]
    if is_fixed_order(len(keys)):
        known.sort(key=lambda each: each.key in _LAST_OF_MANY)
    texts = [each for each in known if each.function is ParameterFunction.TSV_SAFE]
    texts.sort(key=lambda each: each.key == "tnuid")  # beats nuid wherever it stands
    return ColumnPlan(
        keys,
        [(each.key, INDEX[each.columns[0]]) for each in texts],
        [(each.key, _FUNCTIONS[each.function], _place(each)) for each in known if each.function in _FUNCTIONS],
    )


def _place(parameter: Parameter) -> int | slice:
    """Return the parameter's column, or both, which stand side by side."""
    first = INDEX[parameter.columns[0]]
    return first if len(parameter.columns) == 1 else slice(first, first + len(parameter.columns))


def _are_short(keys: tuple[str, ...]) -> bool:
    return sum(map(len, keys)) <= _KEYS_LENGTH


_plans = Memo(_plan, PLANS_KEPT, _are_short)


class TrackerEvent(Struct, gc=False):
    """An event as its tracker sent it: parameters, null for a key without value, and the plan for their keys."""

    parameters: Parameters
    column_plan: ColumnPlan


def tracker_event(parameters: Parameters) -> TrackerEvent:
    """Return the event of these parameters."""
    return TrackerEvent(parameters, _plans[tuple(parameters)])
