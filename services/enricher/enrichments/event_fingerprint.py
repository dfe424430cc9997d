"""event_fingerprint: a hash over what the tracker sent, the same for the same event sent twice."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.fields.column_plan import PLANS_KEPT, ColumnPlan, Parameters, tracker_event
from services.enricher.support.values import values_of
from wire.columns import INDEX

if TYPE_CHECKING:
    from hashlib import _Hash

_SEPARATOR = "\x1f"
_COLUMN = INDEX["event_fingerprint"]
_ALGORITHMS = {
    "MD5": hashlib.md5,
    "SHA1": hashlib.sha1,
    "SHA256": hashlib.sha256,
    "SHA384": hashlib.sha384,
    "SHA512": hashlib.sha512,
}


class _Parameters(msgspec.Struct, rename="camel"):
    exclude_parameters: list[str]
    hash_algorithm: str


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: `event_fingerprint` in lower-case hex; it never fails."""
    parameters = configuration.read(_Parameters)
    excluded = frozenset(parameters.exclude_parameters)
    fingerprint = Fingerprint(excluded, _ALGORITHMS[parameters.hash_algorithm])

    def run(event: Enrichable) -> None:
        event.cells[_COLUMN] = fingerprint(event.parameters, event.column_plan)

    return run


class Fingerprint:
    """Hashes key and value of each parameter that has one, in the order of their keys' UTF-16 code units."""

    def __init__(self, excluded: frozenset[str], algorithm: "Callable[[bytes], _Hash]") -> None:
        self._excluded = excluded
        self._algorithm = algorithm
        self._kept_order = lru_cache(PLANS_KEPT)(self._order)

    def __call__(self, parameters: Parameters, column_plan: ColumnPlan) -> str:
        """Return the hash in lower-case hex; `column_plan` is that of the parameters."""
        values, parts = self._kept_order(column_plan) if column_plan.is_kept else self._order(column_plan)
        parts = parts.copy()
        parts[1::2] = values(parameters)
        try:
            text = _SEPARATOR.join(parts)
        except TypeError:  # a key without a value
            valued = tracker_event({key: value for key, value in parameters.items() if value is not None})
            return self(valued.parameters, valued.column_plan)
        return self._algorithm(text.encode("utf-8", "replace")).hexdigest()

    def _order(self, column_plan: ColumnPlan) -> tuple[Callable[[Parameters], tuple[Any, ...]], list[str]]:
        """Return what takes the values out, and key, value and so on to be joined, with a separator at the end."""
        order = sorted((key for key in column_plan.keys if key not in self._excluded), key=_utf16)
        return values_of(order), [part for key in order for part in (key, "")] + [""] * bool(order)


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")
