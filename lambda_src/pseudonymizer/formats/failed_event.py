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
    """Return the format of failed events. It refuses what is not an object in JSON and UTF-8."""
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
        plan.times.around(*_times(event))
        is_old = event.keys() >= _KEYS_BEFORE_SCHEMAS
        return entities.value(event, plan.old_failed_event if is_old else entities.unnamed)

    return Format(read, treat)


def _times(event: dict[str, object]) -> tuple[str, str]:
    """Return when the collector took the request and when it failed, as far as our programs say so."""
    data = _inside(event, "data")
    payload = _inside(data, "payload")
    failed = _text(_inside(data, "failure").get("timestamp")) or _text(event.get("failure_tstamp"))
    taken = _text(payload.get("timestamp")) or _text(_inside(payload, "raw").get("timestamp"))
    return taken or failed, failed or taken


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _inside(value: dict[str, object], key: str) -> dict[str, object]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}
