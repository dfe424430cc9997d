"""One event: its parameters become the 131 cells, in the three phases of Enrich 6.x.

All phases always run. Errors of input validation win over enrichment failures, those over errors of output validation.
"""

import uuid
from dataclasses import dataclass, field

from services.enricher import V_ETL, entities, ip_address, parameters, tsv, url
from services.enricher.adapter import SNOWPLOW, Parameters
from services.enricher.enrichments import chain
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.enrichable import Enrichable, contexts_cell
from services.enricher.entities import Entities
from services.enricher.iglu import Iglu, data_report
from services.enricher.parameters import ParameterError
from services.enricher.timestamps import TimestampError, derive_timestamp, format_timestamp
from services.enricher.url import UrlError
from wire.collector_payload import CollectorPayload
from wire.columns import INDEX
from wire.failed_events import FailureKind, Json, iglu_error, input_data
from wire.self_describing import SchemaKey

_GOOGLE = "com.google.analytics"
_EVENT_SCHEMAS = {
    "page_view": (SNOWPLOW, "page_view"),
    "page_ping": (SNOWPLOW, "page_ping"),
    "struct": (_GOOGLE, "event"),
    "transaction": (SNOWPLOW, "transaction"),
    "transaction_item": (SNOWPLOW, "transaction_item"),
}
_PAGE = [INDEX[f"page_url{part}"] for part in ("scheme", "host", "port", "path", "query", "fragment")]
_REFERRER = [INDEX[f"refr_url{part}"] for part in ("scheme", "host", "port", "path", "query", "fragment")]
_EVENT_KEY = [INDEX[f"event_{part}"] for part in ("vendor", "name", "format", "version")]


@dataclass(slots=True)
class Event:
    """One event after all phases; `failure` is the kind of failed event that it has become, with its messages."""

    cells: list[str] = field(default_factory=tsv.empty_event)
    failure: tuple[FailureKind, list[Json]] | None = None
    pii: Json | None = None  # the data of the pii_transformation, originals in clear

    def __getitem__(self, column: str) -> str:
        return self.cells[INDEX[column]]

    def __setitem__(self, column: str, text: str) -> None:
        self.cells[INDEX[column]] = text


def enrich(
    payload: CollectorPayload,
    network_user_id: str,
    of_event: Parameters,
    etl_tstamp: str,
    iglu: Iglu,
    enrichments: Enrichments,
) -> Event:
    """Enrich one event of a request; `network_user_id` is the payload's, in canonical form."""
    event = Event()
    invalid = _input(event, payload, network_user_id, of_event, etl_tstamp, iglu)
    subject = Enrichable(event.cells, payload.headers, of_event)
    failed = _enrichments(event, payload, of_event, invalid.schema, enrichments, subject)
    event.pii = subject.pii
    underivable = _derived_contexts(event, subject, iglu)
    too_long = tsv.too_long(event.cells)
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


def _input(
    event: Event, payload: CollectorPayload, network_user_id: str, of_event: Parameters, etl_tstamp: str, iglu: Iglu
) -> Entities:
    """Phase 1: set up the event, apply its parameters, validate its entities; the result holds all errors."""
    event["event_id"] = str(uuid.uuid4())
    event["v_collector"] = payload.collector
    event["v_etl"] = V_ETL
    event["etl_tstamp"] = etl_tstamp
    event["network_userid"] = network_user_id
    event["user_ipaddress"] = parameters.ip_address(ip_address.select(payload.headers, payload.ip_address))
    user_agent = payload.user_agent or ""
    event["useragent"] = user_agent.replace("\r", "").replace("\n", "").replace("\t", "    ")
    wrong = parameters.apply(of_event, event.cells)
    try:
        event["collector_tstamp"] = format_timestamp(payload.timestamp)
    except TimestampError as error:
        wrong["collector_tstamp"] = str(error)
    contexts = _entities(of_event, "co", "cx", iglu)
    unstruct = _entities(of_event, "ue_pr", "ue_px", iglu)
    event["contexts"], event["unstruct_event"] = contexts.cell, unstruct.cell
    atomic = [_atomic(wrong, "atomic_field_parse_error")] if wrong else []
    return Entities(schema=unstruct.schema, errors=[*atomic, *contexts.errors, *unstruct.errors])


def _entities(of_event: Parameters, raw: str, base64: str, iglu: Iglu) -> Entities:
    """Read contexts (`co`, `cx`) or the unstruct event (`ue_pr`, `ue_px`); the base64 form wins over the raw one."""
    validate = entities.contexts if raw == "co" else entities.unstruct
    if (encoded := of_event.get(base64)) is not None:
        return validate(parameters.decode_base64(encoded), iglu)
    if (text := of_event.get(raw)) is not None:
        return validate(text, iglu)
    return Entities()


def _atomic(messages: dict[str, str], keyword: str) -> Json:
    reports: list[Json] = [data_report(message, path, keyword) for path, message in messages.items()]
    return iglu_error(tsv.SCHEMA, {"error": "ValidationError", "dataReports": reports})


def _enrichments(
    event: Event,
    payload: CollectorPayload,
    of_event: Parameters,
    unstruct: SchemaKey | None,
    enrichments: Enrichments,
    subject: Enrichable,
) -> list[Json]:
    """Phase 2: run the enrichments in Snowplow's order; a failing one does not stop those after it."""
    failures: list[Json] = []
    if not event["v_collector"]:
        failures += _structural(input_data("v_collector", None, "should be set"))
    page = event["page_url"] or payload.referer_uri
    if page:
        failures += _structural(*_url(event, page, _PAGE, rewrite="page_url"))
    failures += _structural(*_derived_timestamp(event, payload.timestamp, of_event))
    failures += chain.run(enrichments.before_referrer, subject)
    if event["page_referrer"]:
        failures += _structural(*_url(event, event["page_referrer"], _REFERRER, rewrite=None))
    failures += chain.run(enrichments.before_event_schema, subject)
    failures += _structural(*_event_schema(event, unstruct))
    failures += chain.run(enrichments.after_event_schema, subject)
    return failures


def _structural(*messages: Json) -> list[Json]:
    """Say what failed in a step that is no enrichment."""
    return [{"enrichment": None, "message": message} for message in messages]


def _derived_contexts(event: Event, subject: Enrichable, iglu: Iglu) -> list[Json]:
    """Phase 3: write the derived contexts that are valid; return what is wrong with the others."""
    failures = [iglu.failure(context.schema, context.data) for context in subject.derived]
    valid = [context.to_json() for context, failure in zip(subject.derived, failures, strict=True) if failure is None]
    event["derived_contexts"] = contexts_cell(valid)
    return [failure for failure in failures if failure is not None]


def _url(event: Event, text: str, columns: list[int], rewrite: str | None) -> list[Json]:
    try:
        parsed = url.parse(text)
    except UrlError as error:
        return [{"error": str(error)}]
    parts = (parsed.scheme, parsed.host, str(parsed.port), parsed.path, parsed.query, parsed.fragment)
    for column, part in zip(columns, parts, strict=True):
        event.cells[column] = parameters.tsv_safe(part or "")
    if rewrite:
        event[rewrite] = parsed.text
    return []


def _derived_timestamp(event: Event, collector: int, of_event: Parameters) -> list[Json]:
    times = (_milliseconds(of_event.get(key)) for key in ("dtm", "stm", "ttm"))
    try:
        event["derived_tstamp"] = format_timestamp(derive_timestamp(collector, *times))
    except TimestampError as error:
        return [{"error": str(error)}]
    return []


def _milliseconds(text: str | None) -> int | None:
    try:
        return None if text is None else parameters.milliseconds(text)
    except ParameterError:  # phase 1 has reported it
        return None


def _event_schema(event: Event, unstruct: SchemaKey | None) -> list[Json]:
    name = event["event"]
    if name == "unstruct":
        key = (unstruct.vendor, unstruct.name, unstruct.format, unstruct.version) if unstruct else ("", "", "", "")
    elif name in _EVENT_SCHEMAS:
        key = (*_EVENT_SCHEMAS[name], "jsonschema", "1-0-0")
    else:
        return [input_data("event", name or None, "trying to extract the schema of the enriched event")]
    for column, part in zip(_EVENT_KEY, key, strict=True):
        event.cells[column] = part
    return []
