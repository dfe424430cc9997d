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
    event = Event(setup.cells.copy())
    invalid = _input(event.cells, setup, of_event, iglu)
    subject = Enrichable(event.cells, setup.payload.headers, of_event, _validation_info(invalid.superseded))
    failed = _enrichments(event.cells, setup, of_event, invalid.schema, enrichments, subject)
    event.pii = subject.pii
    underivable = _derived_contexts(event.cells, subject, iglu)
    too_long = limits.too_long(event.cells)
    if invalid.errors:
        event.failure = FailureKind.SCHEMA_VIOLATIONS, invalid.errors
    elif failed:
        event.failure = FailureKind.ENRICHMENT_FAILURES, failed
    elif underivable or too_long:
        message = "Field is longer than maximum allowed size {}"
        lengths = {column: message.format(limit) for column, limit in too_long.items()}
        atomic = [_atomic(lengths, "atomic_field_length_exceeded")] if lengths else []
        event.failure = FailureKind.SCHEMA_VIOLATIONS, [*underivable, *atomic]
    return event


def _input(cells: list[str], setup: Setup, of_event: Parameters, iglu: Iglu) -> Entities:
    """Phase 1: apply the event's parameters, validate its entities; the result holds all errors."""
    wrong = parameters.apply(of_event, cells) | setup.wrong
    if not cells[_EVENT_ID]:
        cells[_EVENT_ID] = str(uuid.uuid4())
    contexts = _entities(of_event, "co", "cx", iglu)
    unstruct = _entities(of_event, "ue_pr", "ue_px", iglu)
    cells[_CONTEXTS], cells[_UNSTRUCT] = contexts.cell, unstruct.cell
    atomic = [_atomic(wrong, "atomic_field_parse_error")] if wrong else []
    errors = [*atomic, *contexts.errors, *unstruct.errors]
    return Entities(schema=unstruct.schema, errors=errors, superseded=contexts.superseded | unstruct.superseded)


def _entities(of_event: Parameters, raw: str, base64: str, iglu: Iglu) -> Entities:
    """Read contexts (`co`, `cx`) or the unstruct event (`ue_pr`, `ue_px`); the base64 form wins over the raw one."""
    text: str | bytes | None = of_event.get(raw)
    if (encoded := of_event.get(base64)) is not None:
        text = parameters.decode_base64(encoded)
    if text is None:
        return NO_ENTITIES
    return entities.contexts(text, iglu) if raw == "co" else entities.unstruct(text, iglu)


def _validation_info(superseded: dict[SchemaKey, SchemaKey]) -> list[SelfDescribing]:
    """Return a context for each key whose data was validated with a newer version."""
    return [
        SelfDescribing(_VALIDATION_INFO, {"originalSchema": str(key), "validatedWith": newer.version})
        for key, newer in superseded.items()
    ]


def _atomic(messages: dict[str, str], keyword: str) -> Json:
    reports: list[Json] = [data_report(message, path, keyword) for path, message in messages.items()]
    return iglu_error(tsv.SCHEMA, {"error": "ValidationError", "dataReports": reports})


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
