"""The event `pii_transformation`: which original a pseudonym replaced, for the vault.

It holds originals in clear: it goes to the snowplow-pii stream and nowhere else.

Wire contract (docs/reference/wire-contract.md): C.13 The pii enrichment.
"""

import time
import uuid

from services.enricher.enrichments.enrichable import contexts_cell
from services.enricher.fields import tsv
from services.enricher.text import exact_json
from services.enricher.text.timestamps import format_timestamp
from wire.columns import INDEX
from wire.failed_events import Json
from wire.self_describing import SNOWPLOW

_UNSTRUCT = f"iglu:{SNOWPLOW}/unstruct_event/jsonschema/1-0-0"
_TRANSFORMATION = f"iglu:{SNOWPLOW}/pii_transformation/jsonschema/1-0-0"
_PARENT = f"iglu:{SNOWPLOW}/parent_event/jsonschema/1-0-0"
_COPIED = ("app_id", "etl_tstamp", "collector_tstamp", "v_etl")
_SAME_FOR_ALL = {
    "platform": "srv",
    "event": "pii_transformation",
    "event_vendor": SNOWPLOW,
    "event_name": "pii_transformation",
    "event_format": "jsonschema",
    "event_version": "1-0-0",
}


def transformation_event(parent: list[str], transformation: Json) -> list[str]:
    """Return the 131 cells of the event that tells what was transformed in `parent`, an enriched event's cells."""
    cells = tsv.empty_event()
    for column in _COPIED:
        cells[INDEX[column]] = parent[INDEX[column]]
    now = format_timestamp(time.time_ns() // 1_000_000)
    event = {"schema": _TRANSFORMATION, "data": transformation}
    own = {
        "event_id": str(uuid.uuid4()),
        "derived_tstamp": now,
        "true_tstamp": now,
        "unstruct_event": exact_json.dump({"schema": _UNSTRUCT, "data": event}),
        "contexts": contexts_cell([{"schema": _PARENT, "data": {"parentEventId": parent[INDEX["event_id"]]}}]),
    }
    for column, text in (_SAME_FOR_ALL | own).items():
        cells[INDEX[column]] = text
    return cells
