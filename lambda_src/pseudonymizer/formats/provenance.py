"""What each delivered record says about itself: the policy version and the id of the key it was pseudonymized under.

In a good event it is a derived context of `schemas/io.snowveil/pseudonymization`. In a failed event it is the same
self-describing JSON beside `schema` and `data`: the published schemas of failed events describe `data` and admit no
property of ours (docs/adr/0006-provenance.md).
"""

import msgspec

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.formats.format import Stamp

SCHEMA = "iglu:io.snowveil/pseudonymization/jsonschema/1-0-0"
KEY_IN_FAILED_EVENT = "pseudonymization"
_CONTEXTS = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1"


def _entity(policy_version: str, key_id: str) -> str:
    entity = {"schema": SCHEMA, "data": {"policy_version": policy_version, "key_id": key_id}}
    return msgspec.json.encode(entity).decode()


def of_enriched_event(policy_version: str, key_id: str) -> Stamp:
    """Return the function that adds the entity to an event's derived contexts, of which there may be none."""
    entity = _entity(policy_version, key_id)
    alone = f'{{"schema":"{_CONTEXTS}","data":[{entity}]}}'

    def stamp(contexts: str) -> str:
        if not contexts:
            return alone
        if contexts.endswith("[]}"):
            return f"{contexts[:-2]}{entity}]}}"
        if contexts.endswith("}]}"):
            return f"{contexts[:-2]},{entity}]}}"
        raise UnprocessableError(Reason.INTERNAL_ERROR)

    return stamp


def of_failed_event(policy_version: str, key_id: str) -> Stamp:
    """Return the function that adds the entity to a failed event, which is never an empty object."""
    addition = f',"{KEY_IN_FAILED_EVENT}":{_entity(policy_version, key_id)}}}'

    def stamp(event: str) -> str:
        return event[:-1] + addition

    return stamp
