"""What depends only on the keys of an event's parameters: which columns they fill, and how.

A tracker sends the same keys again and again, so it is found once for each set of them. There may be any others, too.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from services.enricher.fields import parameters
from services.enricher.fields.parameters import ParameterError
from wire.columns import INDEX
from wire.querystring import tsv_safe
from wire.tracker_protocol import PARAMETERS, Parameter, ParameterFunction

# How many sets of keys are kept, and how long one may be: trackers' are shorter.
PLANS_KEPT, _KEYS_LENGTH = 256, 500

# Scala's maps keep the order of four keys. Of more, these come after the other parameter of their column, as the hashes
# of their texts say.
_IN_ORDER = 4
_LAST_OF_MANY = frozenset({"se_ca", "se_ac", "ev_la", "ev_pr", "ev_va", "ti_nm"})

type Parameters = Mapping[str, str | None]


_FUNCTIONS: dict[ParameterFunction, Callable[[str], str | tuple[str, str]]] = {
    ParameterFunction.IP: parameters.ip_address,
    ParameterFunction.EVENT_TYPE: parameters.event_type,
    ParameterFunction.PLATFORM: parameters.platform,
    ParameterFunction.INTEGER: parameters.integer,
    ParameterFunction.DECIMAL: parameters.decimal,
    ParameterFunction.TIMESTAMP: parameters.timestamp,
    ParameterFunction.UUID: parameters.canonical_uuid,
    ParameterFunction.BOOLEAN: parameters.boolean,
    ParameterFunction.DIMENSIONS: parameters.dimensions,
}


class ColumnPlan(Struct, eq=False):
    """What is to be done with the values of some keys.

    `texts` go to one column each, what a function makes of the others to one or two. `is_kept`: the next event with
    these keys has the same plan, as they are no longer than a tracker's.
    """

    keys: frozenset[str]
    is_kept: bool
    texts: list[tuple[str, int]]
    made: list[tuple[str, Callable[[str], Any], int | slice]]

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
    """Return whether Enrich reorders this many parameters: its maps of five and more are hashed."""
    return number > _IN_ORDER


def _plan(keys: tuple[str, ...]) -> ColumnPlan:
    """Of two parameters of one column the last wins; where there are many parameters it is always the same one."""
    known = [PARAMETERS[key] for key in keys if key in PARAMETERS]
    if is_fixed_order(len(keys)):
        known.sort(key=lambda each: each.key in _LAST_OF_MANY)
    texts = [each for each in known if each.function is ParameterFunction.TSV_SAFE]
    texts.sort(key=lambda each: each.key == "tnuid")  # beats nuid wherever it stands
    return ColumnPlan(
        frozenset(keys),
        _are_short(keys),
        [(each.key, INDEX[each.columns[0]]) for each in texts],
        [(each.key, _FUNCTIONS[each.function], _place(each)) for each in known if each.function in _FUNCTIONS],
    )


def _place(parameter: Parameter) -> int | slice:
    """Return the parameter's column, or both, which stand side by side."""
    first = INDEX[parameter.columns[0]]
    return first if len(parameter.columns) == 1 else slice(first, first + len(parameter.columns))


def _are_short(keys: tuple[str, ...]) -> bool:
    return sum(map(len, keys)) <= _KEYS_LENGTH


@lru_cache(PLANS_KEPT)
def _kept_plan(keys: tuple[str, ...]) -> ColumnPlan:
    """Return the plan of short keys. Raises _LongKeysError, of which nothing is kept."""
    if not _are_short(keys):
        raise _LongKeysError
    return _plan(keys)


class _LongKeysError(Exception):
    """The keys are longer than a tracker's."""


class TrackerEvent(Struct, gc=False):
    """An event as its tracker sent it: parameters, null for a key without value, and the plan for their keys."""

    parameters: Parameters
    column_plan: ColumnPlan


def tracker_event(parameters: Parameters) -> TrackerEvent:
    """Return the event of these parameters."""
    keys = tuple(parameters)
    try:
        return TrackerEvent(parameters, _kept_plan(keys))
    except _LongKeysError:
        return TrackerEvent(parameters, _plan(keys))
