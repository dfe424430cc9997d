"""The bad streams: failed events ("bad rows") in, the same JSON with pseudonyms out.

Its parts are properties of its schema like those of any other: the policy says which are read. A failed event of a
schema that the policy does not know, and any other object, loses every value and every key.
"""

from collections.abc import Sequence

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.formats.format import Format, Stamp
from lambda_src.pseudonymizer.transform import json_text
from lambda_src.pseudonymizer.transform.bound_policy import Plan

_KEYS_BEFORE_SCHEMAS = {"line", "errors"}


def make(plan: Plan, stamp: Stamp = str) -> Format[dict[str, object]]:
    """Return the format of failed events. It refuses what is no object in JSON and UTF-8."""
    entities = plan.entities

    def read(record: bytes) -> dict[str, object]:
        try:
            value = json_text.decode(record.decode())
        except UnicodeDecodeError:
            raise UnprocessableError(Reason.NOT_UTF8) from None
        if not isinstance(value, dict) or not value:
            raise UnprocessableError(Reason.NOT_SELF_DESCRIBING)
        return value

    def treat(events: Sequence[dict[str, object]]) -> list[str]:
        return [stamp(json_text.encode(shown(event)).decode()) for event in events]

    def shown(event: dict[str, object]) -> object:
        is_old = event.keys() >= _KEYS_BEFORE_SCHEMAS
        return entities.value(event, plan.old_failed_event if is_old else entities.unnamed)

    return Format(read, treat)
