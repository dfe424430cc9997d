"""One event: its parameters become the 131 cells, in the three phases of Enrich 6.x.

All phases always run. Errors of input validation win over enrichment failures, those over errors of output validation.
"""

import uuid
from dataclasses import dataclass

from services.enricher import entities, limits, parameters, structure, tsv
from services.enricher.adapter import Parameters
from services.enricher.enrichments import chain
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.enrichable import Enrichable, contexts_cell
from services.enricher.entities import NO_ENTITIES, Entities
from services.enricher.iglu import Iglu, data_report
from services.enricher.setup import Setup
from wire.columns import INDEX
from wire.failed_events import FailureKind, Json, iglu_error
from wire.self_describing import SchemaKey, SelfDescribing

_EVENT_ID, _CONTEXTS, _UNSTRUCT = INDEX["event_id"], INDEX["contexts"], INDEX["unstruct_event"]
_DERIVED_CONTEXTS = INDEX["derived_contexts"]
_VALIDATION_INFO = SchemaKey.parse("iglu:com.snowplowanalytics.iglu/validation_info/jsonschema/1-0-0")


@dataclass(slots=True)
class Event:
    """One event after all phases; `failure` is the kind of failed event that it has become, with its messages."""

    cells: list[str]
    failure: tuple[FailureKind, list[Json]] | None = None
    pii: Json | None = None  # the data of the pii_transformation, originals in clear


def enrich(setup: Setup, of_event: Parameters, iglu: Iglu, enrichments: Enrichments) -> Event:
    """Enrich one event of a request."""
    cells = setup.cells.copy()
    wrong = parameters.apply(of_event, cells)
    if not cells[_EVENT_ID]:
        cells[_EVENT_ID] = str(uuid.uuid4())
    contexts = _entities(of_event, "co", "cx", iglu)
    unstruct = _entities(of_event, "ue_pr", "ue_px", iglu)
    cells[_CONTEXTS], cells[_UNSTRUCT] = contexts.cell, unstruct.cell
    validated_with = _validation_info(contexts, unstruct)
    subject = Enrichable(cells, setup.payload.headers, of_event, validated_with)
    failed = _enrichments(cells, setup, of_event, unstruct.schema, enrichments, subject)
    underivable = _derived_contexts(cells, subject, iglu)
    too_long = limits.too_long(cells)
    event = Event(cells, pii=subject.pii)
    if wrong or setup.wrong or contexts.faults or unstruct.faults:
        atomic = _atomic(wrong | setup.wrong, "atomic_field_parse_error")
        messages = [*atomic, *(fault.message for fault in (*contexts.faults, *unstruct.faults))]
        event.failure = FailureKind.SCHEMA_VIOLATIONS, messages
    elif failed:
        event.failure = FailureKind.ENRICHMENT_FAILURES, failed
    elif underivable or too_long:
        message = "Field is longer than maximum allowed size {}"
        lengths = {column: message.format(limit) for column, limit in too_long.items()}
        event.failure = (
            FailureKind.SCHEMA_VIOLATIONS,
            [*underivable, *_atomic(lengths, "atomic_field_length_exceeded")],
        )
    return event


def _entities(of_event: Parameters, raw: str, base64: str, iglu: Iglu) -> Entities:
    """Read contexts (`co`, `cx`) or the unstruct event (`ue_pr`, `ue_px`); the base64 form wins over the raw one."""
    text: str | bytes | None = of_event.get(raw)
    if (encoded := of_event.get(base64)) is not None:
        text = parameters.decode_base64(encoded)
    if text is None:
        return NO_ENTITIES
    return entities.contexts(text, iglu) if raw == "co" else entities.unstruct(text, iglu)


def _validation_info(*validated: Entities) -> list[SelfDescribing]:
    """Return a context for each key whose data was validated with a newer version."""
    return [
        SelfDescribing(_VALIDATION_INFO, {"originalSchema": str(key), "validatedWith": newer.version})
        for key, newer in {key: newer for each in validated for key, newer in each.superseded.items()}.items()
    ]


def _atomic(messages: dict[str, str], keyword: str) -> list[Json]:
    """Return the one message that holds all faults of the event's own fields, if there are any."""
    if not messages:
        return []
    reports: list[Json] = [data_report(message, path, keyword) for path, message in messages.items()]
    return [iglu_error(tsv.SCHEMA, {"error": "ValidationError", "dataReports": reports})]


def _enrichments(
    cells: list[str],
    setup: Setup,
    of_event: Parameters,
    unstruct: SchemaKey | None,
    enrichments: Enrichments,
    subject: Enrichable,
) -> list[Json]:
    """Phase 2: run the enrichments in Snowplow's order; a failing one does not stop those after it."""
    failures = _structural(structure.collector(cells))
    failures += _structural(structure.page(cells, setup.payload.referer_uri))
    failures += _structural(structure.derived_timestamp(cells, setup.payload.timestamp, of_event))
    failures += chain.run(enrichments.before_referrer, subject)
    failures += _structural(structure.referrer(cells))
    failures += chain.run(enrichments.before_event_schema, subject)
    failures += _structural(structure.event_schema(cells, unstruct))
    failures += chain.run(enrichments.after_event_schema, subject)
    return failures


def _structural(messages: list[Json]) -> list[Json]:
    """Say what failed in a step that is no enrichment."""
    return [{"enrichment": None, "message": message} for message in messages]


def _derived_contexts(cells: list[str], subject: Enrichable, iglu: Iglu) -> list[Json]:
    """Phase 3: write the derived contexts that are valid; return what is wrong with the others."""
    if not subject.derived:
        return []
    failures = [iglu.failure(context.schema, context.data) for context in subject.derived]
    valid = [context.to_json() for context, failure in zip(subject.derived, failures, strict=True) if failure is None]
    cells[_DERIVED_CONTEXTS] = contexts_cell(valid)
    return [failure for failure in failures if failure is not None]
