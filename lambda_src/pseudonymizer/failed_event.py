"""The bad streams: one failed event ("bad row") in, the same JSON with pseudonyms out.

Its parts are properties of its schema like those of any other: the policy says which are read. A failed event of a
schema that the policy does not know, and any other object, loses every value and every key.
"""

from collections.abc import Callable

from lambda_src.pseudonymizer import json_text
from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.plan import Plan

_KEYS_BEFORE_SCHEMAS = {"line", "errors"}


def transformer(plan: Plan) -> Callable[[bytes], str]:
    """Return the function from a record to its pseudonymized JSON, without line end.

    It raises UnprocessableError for what is no object in JSON and UTF-8.
    """
    entities = plan.entities

    def transform(record: bytes) -> str:
        try:
            value = json_text.decode(record.decode())
        except UnicodeDecodeError:
            raise UnprocessableError(Reason.NOT_UTF8) from None
        if not isinstance(value, dict) or not value:
            raise UnprocessableError(Reason.NOT_SELF_DESCRIBING)
        is_old = value.keys() >= _KEYS_BEFORE_SCHEMAS
        return json_text.encode(entities.value(value, plan.old_failed_event if is_old else entities.unnamed)).decode()

    return transform
