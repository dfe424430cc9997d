"""One event: its parameters become the 131 cells, in the three phases of Enrich 6.x.

All phases always run. Errors of input validation win over enrichment failures, those over errors of output validation.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from services.enricher.enrichments import chain, fixed_steps
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.enrichable import Enrichable, SharedContext, contexts_cell
from services.enricher.entities import reading
from services.enricher.entities.reading import NO_ENTITIES, Entities, Fault
from services.enricher.fields import parameters, tsv
from services.enricher.fields.column_plan import Parameters, TrackerEvent, is_fixed_order
from services.enricher.fields.limits import SNOWPLOW_DEFAULTS, Limits
from services.enricher.fields.request_cells import RequestCells
from services.enricher.iglu.validation import Iglu, data_report
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


class Event(Struct, gc=False):
    """One event after all phases; `invalid`: it has over-long columns that are accepted."""

    cells: list[str]
    failure: Failure | None = None
    invalid: bool = False
    pii: Json | None = None  # the data of the pii_transformation, originals in clear


class _Work(Enrichable, kw_only=True):
    """One event in the making, and what was `wrong` with its parameters, by their keys."""

    request: RequestCells
    wrong: dict[str, str]
    contexts: Entities = NO_ENTITIES
    unstruct: Entities = NO_ENTITIES


def enrich(
    request: RequestCells, sent: TrackerEvent, iglu: Iglu, enrichments: Enrichments, limits: Limits = SNOWPLOW_DEFAULTS
) -> Event:
    """Enrich one event of a request."""
    return enrich_all([(request, sent)], iglu, enrichments, limits)[0]


def enrich_all(
    events: Sequence[tuple[RequestCells, TrackerEvent]],
    iglu: Iglu,
    enrichments: Enrichments,
    limits: Limits = SNOWPLOW_DEFAULTS,
) -> list[Event]:
    """Enrich events, all of them stage by stage: code that runs many times in a row is in the processor's caches."""
    works = [_filled(request, sent) for request, sent in events]
    _read_entities(works, iglu, limits)
    _run_enrichments(works, enrichments)
    return [_finished(work, iglu, limits) for work in works]


def _filled(request: RequestCells, sent: TrackerEvent) -> _Work:
    """Phase 1, the event's own parameters."""
    cells = request.cells.copy()
    wrong = sent.column_plan.apply(sent.parameters, cells)
    if not cells[_EVENT_ID]:
        cells[_EVENT_ID] = str(uuid.uuid4())
    work = _Work(cells, request.payload.headers, sent.parameters, sent.column_plan, request=request, wrong=wrong)
    work.decode = request.decode
    return work


def _read_entities(works: list[_Work], iglu: Iglu, limits: Limits) -> None:
    """Phase 1, the events' contexts and unstruct events."""
    depth = limits.max_json_depth
    texts = _texts(works, "co", "cx")
    for (work, _), found in zip(texts, reading.contexts([text for _, text in texts], iglu, depth), strict=True):
        work.contexts = found
        work.cells[_CONTEXTS] = found.cell
    texts = _texts(works, "ue_pr", "ue_px")
    for (work, _), found in zip(texts, reading.unstruct([text for _, text in texts], iglu, depth), strict=True):
        work.unstruct = found
        work.cells[_UNSTRUCT] = found.cell
    if iglu.superseded:
        for work in works:
            work.derived = _validation_info(work.contexts, work.unstruct)


def _run_enrichments(works: list[_Work], enrichments: Enrichments) -> None:
    """Phase 2: run the enrichments in Snowplow's order; a failing one does not stop those after it."""
    for work in works:
        payload = work.request.payload
        fixed_steps.collector(work)
        fixed_steps.page(work, payload.referer_uri)
        fixed_steps.derived_timestamp(work, payload.timestamp)
    chain.run(enrichments.before_referrer, works)
    for work in works:
        fixed_steps.referrer(work)
    chain.run(enrichments.before_event_schema, works)
    for work in works:
        fixed_steps.event_schema(work, work.unstruct.schema)
    chain.run(enrichments.after_event_schema, works)


def _finished(work: _Work, iglu: Iglu, limits: Limits) -> Event:
    """Phase 3, and the event with all that was wrong in the three."""
    underivable = _derived_contexts(work, iglu)
    too_long = limits.too_long(work.cells)
    event = Event(work.cells, pii=work.pii)
    if too_long and limits.accept_invalid:
        event.invalid, too_long = True, {}
    wrong = work.wrong or work.request.wrong or work.contexts.faults or work.unstruct.faults
    if wrong or work.failures or underivable or too_long:
        event.failure = _failure(work, underivable, too_long)
    return event


def _failure(work: _Work, underivable: Sequence[Fault], too_long: Mapping[str, int]) -> Failure:
    """Return the failed event for the faults of the three phases: it reports the first phase that has any."""
    request = work.request
    unparsable = {key: work.parameters.get(key) for key in work.wrong} | {
        key: str(request.payload.timestamp) for key in request.wrong
    }
    invalid = _atomic(work.wrong | request.wrong, "atomic_field_parse_error", unparsable)
    invalid += [*work.contexts.faults, *work.unstruct.faults]
    failed = [Fault(message, "", None) for message in reversed(work.failures)]  # Enrich says the newest first
    lengths = {name: f"Field is longer than maximum allowed size {limit}" for name, limit in too_long.items()}
    long = {name: work.cells[INDEX[name]] for name in too_long}
    unwritable = [*underivable, *_atomic(lengths, "atomic_field_length_exceeded", long)]
    kind = FailureKind.ENRICHMENT_FAILURES if failed and not invalid else FailureKind.SCHEMA_VIOLATIONS
    messages = [fault.message for fault in invalid or failed or unwritable]
    return Failure(kind, messages, [*invalid, *failed, *unwritable], too_long)


def _texts(works: list[_Work], raw: str, base64: str) -> list[tuple[_Work, str | bytes]]:
    """Return the events that have contexts (`co`, `cx`) or an unstruct event (`ue_pr`, `ue_px`), and its JSON."""
    texts: list[tuple[_Work, str | bytes]] = []
    for work in works:
        encoded, text = work.parameters.get(base64), work.parameters.get(raw)
        if encoded is not None and (text is None or _wins(base64, raw, work.parameters)):
            texts.append((work, parameters.decode_base64(encoded)))
        elif text is not None:
            texts.append((work, text))
    return texts


def _wins(base64: str, raw: str, of_event: Parameters) -> bool:
    """Return whether the base64 form of an entity is the one that counts: that of many, the later one of few."""
    keys = tuple(of_event)
    return is_fixed_order(len(keys)) or keys.index(base64) > keys.index(raw)


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


def _derived_contexts(work: _Work, iglu: Iglu) -> Sequence[Fault]:
    """Write the derived contexts that are valid; return what is wrong with the others."""
    derived = work.derived
    if not derived:
        return ()
    alone = derived[0] if len(derived) == 1 else None
    if isinstance(alone, SharedContext) and alone.cell:
        work.cells[_DERIVED_CONTEXTS] = alone.cell[0]
        return ()
    valid: list[Json] = []
    faults: list[Fault] = []
    for context in derived:
        if (failure := iglu.failure(context.schema, context.data)) is None:
            valid.append(context.to_json())
        else:
            faults.append(Fault(failure, "derived_contexts", context.data))
    work.cells[_DERIVED_CONTEXTS] = cell = contexts_cell(valid)
    if isinstance(alone, SharedContext) and not faults:
        alone.cell.append(cell)
    return faults
