"""One event: its parameters become the 131 cells, in the three phases of Enrich 6.x.

All phases always run. Errors of input validation win over enrichment failures, those over errors of output validation.
"""

import uuid
from collections.abc import Collection, Mapping

from msgspec import Struct

from services.enricher import entities, parameters, structure, tsv
from services.enricher.adapter import Parameters
from services.enricher.enrichments import chain
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.enrichable import Enrichable, SharedContext, contexts_cell
from services.enricher.entities import NO_ENTITIES, Entities, Fault
from services.enricher.iglu import Iglu, data_report
from services.enricher.limits import ENRICHS, Limits
from services.enricher.setup import Setup
from wire.columns import INDEX
from wire.failed_events import FailureKind, Json, iglu_error
from wire.self_describing import SchemaKey, SelfDescribing

_EVENT_ID, _CONTEXTS, _UNSTRUCT = INDEX["event_id"], INDEX["contexts"], INDEX["unstruct_event"]
_DERIVED_CONTEXTS = INDEX["derived_contexts"]
_VALIDATION_INFO = SchemaKey.parse("iglu:com.snowplowanalytics.iglu/validation_info/jsonschema/1-0-0")


class Failure(Struct):
    """The failed event that an event has become: its kind and messages, and all faults and over-long columns."""

    kind: FailureKind
    messages: list[Json]
    faults: list[Fault]
    too_long: Collection[str]


class Event(Struct):
    """One event after all phases; `invalid`: it has over-long columns that are accepted."""

    cells: list[str]
    failure: Failure | None = None
    invalid: bool = False
    pii: Json | None = None  # the data of the pii_transformation, originals in clear


def enrich(setup: Setup, of_event: Parameters, iglu: Iglu, enrichments: Enrichments, limits: Limits = ENRICHS) -> Event:
    """Enrich one event of a request."""
    cells = setup.cells.copy()
    wrong = parameters.apply(of_event, cells)
    if not cells[_EVENT_ID]:
        cells[_EVENT_ID] = str(uuid.uuid4())
    contexts = unstruct = NO_ENTITIES
    if (text := _json(of_event, "co", "cx")) is not None:
        contexts = entities.contexts(text, iglu, limits.max_json_depth)
    if (text := _json(of_event, "ue_pr", "ue_px")) is not None:
        unstruct = entities.unstruct(text, iglu, limits.max_json_depth)
    cells[_CONTEXTS], cells[_UNSTRUCT] = contexts.cell, unstruct.cell
    subject = Enrichable(cells, setup.payload.headers, of_event)
    if contexts.superseded or unstruct.superseded:
        subject.derived = _validation_info(contexts, unstruct)
    failed = _enrichments(cells, setup, of_event, unstruct.schema, enrichments, subject)
    underivable = _derived_contexts(cells, subject, iglu)
    too_long = limits.too_long(cells)
    event = Event(cells, pii=subject.pii)
    if too_long and limits.accept_invalid:
        event.invalid, too_long = True, {}
    if wrong or setup.wrong or contexts.faults or unstruct.faults or failed or underivable or too_long:
        unparsable = {key: of_event.get(key) for key in wrong} | {
            key: str(setup.payload.timestamp) for key in setup.wrong
        }
        invalid = [*_atomic(wrong | setup.wrong, "atomic_field_parse_error", unparsable)]
        invalid += [*contexts.faults, *unstruct.faults]
        lengths = {name: f"Field is longer than maximum allowed size {limit}" for name, limit in too_long.items()}
        long = {name: cells[INDEX[name]] for name in too_long}
        event.failure = _failure(
            invalid,
            [Fault(message, "", None) for message in failed],
            [*underivable, *_atomic(lengths, "atomic_field_length_exceeded", long)],
            too_long,
        )
    return event


def _failure(invalid: list[Fault], failed: list[Fault], unwritable: list[Fault], too_long: Collection[str]) -> Failure:
    """Return what the faults of the three phases make of the event: those of the first phase that has any are told."""
    kind = FailureKind.ENRICHMENT_FAILURES if failed and not invalid else FailureKind.SCHEMA_VIOLATIONS
    messages = [fault.message for fault in invalid or failed or unwritable]
    return Failure(kind, messages, [*invalid, *failed, *unwritable], too_long)


def _json(of_event: Parameters, raw: str, base64: str) -> str | bytes | None:
    """Return the JSON of contexts (`co`, `cx`) or the unstruct event (`ue_pr`, `ue_px`); the base64 form wins."""
    encoded = of_event.get(base64)
    return of_event.get(raw) if encoded is None else parameters.decode_base64(encoded)


def _validation_info(contexts: Entities, unstruct: Entities) -> list[SelfDescribing]:
    """Return a context for each key whose data was validated with a newer version."""
    superseded = {**contexts.superseded, **unstruct.superseded}
    return [
        SelfDescribing(_VALIDATION_INFO, {"originalSchema": str(key), "validatedWith": newer.version})
        for key, newer in superseded.items()
    ]


def _atomic(messages: dict[str, str], keyword: str, values: Mapping[str, str | None]) -> list[Fault]:
    """Return the one fault that holds all of the event's own fields, if there are any."""
    if not messages:
        return []
    reports: list[Json] = [data_report(message, path, keyword) for path, message in messages.items()]
    error = iglu_error(tsv.SCHEMA, {"error": "ValidationError", "dataReports": reports})
    return [Fault(error, "atomic_field", values)]


def _enrichments(
    cells: list[str],
    setup: Setup,
    of_event: Parameters,
    unstruct: SchemaKey | None,
    enrichments: Enrichments,
    subject: Enrichable,
) -> list[Json]:
    """Phase 2: run the enrichments in Snowplow's order; a failing one does not stop those after it."""
    failures: list[Json] = []
    structure.collector(cells, failures)
    structure.page(cells, setup.payload.referer_uri, failures)
    structure.derived_timestamp(cells, setup.payload.timestamp, of_event, failures)
    chain.run(enrichments.before_referrer, subject, failures)
    structure.referrer(cells, failures)
    chain.run(enrichments.before_event_schema, subject, failures)
    structure.event_schema(cells, unstruct, failures)
    chain.run(enrichments.after_event_schema, subject, failures)
    return failures


def _derived_contexts(cells: list[str], subject: Enrichable, iglu: Iglu) -> list[Fault]:
    """Phase 3: write the derived contexts that are valid; return what is wrong with the others."""
    if not subject.derived:
        return []
    alone = subject.derived[0] if len(subject.derived) == 1 else None
    if isinstance(alone, SharedContext) and alone.cell:
        cells[_DERIVED_CONTEXTS] = alone.cell[0]
        return []
    valid: list[Json] = []
    faults: list[Fault] = []
    for context in subject.derived:
        if (failure := iglu.failure(context.schema, context.data)) is None:
            valid.append(context.to_json())
        else:
            faults.append(Fault(failure, "derived_contexts", context.data))
    cells[_DERIVED_CONTEXTS] = contexts_cell(valid)
    if isinstance(alone, SharedContext) and not faults:
        alone.cell.append(cells[_DERIVED_CONTEXTS])
    return faults
