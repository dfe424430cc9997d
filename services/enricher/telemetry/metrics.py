"""What the enricher counts: each process for itself, the program that is asked for all of them.

Nothing here is named by what an event says, but for the schemas that a registry knows. Under the Kinesis Client Library
the processes of the shards share their numbers with the program through files in the directory that the environment
variable PROMETHEUS_MULTIPROC_DIR names, which the Prometheus client reads at import.
"""

import logging
import time
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

import msgspec
from msgspec import Struct
from prometheus_client import Counter, Gauge

from services.enricher.enrichments.chain import Enrichment, Enrichments
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.iglu.registries import LookupFault
from services.enricher.kinesis.interface import Batch
from services.enricher.processing.record_enricher import Outputs
from wire.columns import INDEX

_log = logging.getLogger(__name__)
_COLLECTOR_TSTAMP = INDEX["collector_tstamp"]
# More schemas than this count as one: their number is the registry's, and each is a time series.
_MAX_SCHEMAS = 200

RAW = Counter("snowplow_enrich_raw", "Records read from the stream; a compressed one holds several payloads")
PAYLOADS = Counter("snowplow_enrich_payloads", "Collector payloads found in the records")
GOOD = Counter("snowplow_enrich_good", "Enriched events written")
BAD = Counter("snowplow_enrich_bad", "Failed events written")
FAILED = Counter("snowplow_enrich_failed", "Incomplete events written")
INVALID = Counter("snowplow_enrich_invalid_enriched", "Enriched events with over-long columns that are accepted")
DROPPED = Counter("snowplow_enrich_dropped", "Events that an enrichment dropped")
SCHEMA_FAILURES = Counter("snowplow_enrich_schema_failures", "Entities that their schema refuses", ["schema"])
UNAVAILABLE = Counter("snowplow_enrich_registry_unavailable", "Schema lookups given up: a registry gave no answer")
REFUSED = Counter("snowplow_enrich_registry_refused", "Schema lookups that a registry answered with no schema")
UNCHECKED = Counter("snowplow_enrich_patterns_unchecked", "Patterns of the schemas met that cannot be checked")
ENRICHMENT_SECONDS = Counter("snowplow_enrich_enrichment_seconds", "Time in an enrichment", ["enrichment"])
LATENCY = Gauge("snowplow_enrich_latency_millis", "Age of the oldest record of a batch", multiprocess_mode="livemax")
E2E_LATENCY = Gauge("snowplow_enrich_e2e_latency_millis", "From collector to enriched", multiprocess_mode="livemax")
BEHIND = Gauge("snowplow_enrich_iterator_age_millis", "Distance to a shard's end", multiprocess_mode="livemax")
SINCE = Gauge("snowplow_enrich_batch_since_seconds", "Start of the batch in hand, or 0", multiprocess_mode="liveall")


class _Error(Struct):
    error: str = ""


class _Message(Struct, rename="camel"):
    schema_key: str | None = None
    error: _Error | str | None = None


class _Failure(Struct):
    messages: list[_Message] = []


class _Data(Struct):
    failure: _Failure


class _FailedEvent(Struct):
    schema: str
    data: _Data


_failed_event = msgspec.json.Decoder(_FailedEvent)
_schemas: set[str] = set()
# A counter is a write to a shared file: each event adds here, each batch there.
_spent: defaultdict[str, float] = defaultdict(float)


def begin(batch: Batch) -> None:
    """Note that a batch is in hand."""
    now = time.time()
    SINCE.set(now)
    if batch.arrived is not None:
        LATENCY.set(max(0.0, now * 1000 - batch.arrived))
    if batch.behind is not None:
        BEHIND.set(batch.behind)


def end() -> None:
    """Note that the batch is done."""
    SINCE.set(0)
    for enrichment, seconds in _spent.items():
        ENRICHMENT_SECONDS.labels(enrichment).inc(seconds)
    _spent.clear()


def registry_failed(fault: LookupFault) -> None:
    """Count a lookup that gave no schema and no plain "not found"."""
    (UNAVAILABLE if fault == "RepoFailure" else REFUSED).inc()


def timed(enrichments: Enrichments) -> Enrichments:
    """Return the same steps, which note the time in those that have a name."""
    return Enrichments(
        before_referrer=[_timed(step) for step in enrichments.before_referrer],
        before_event_schema=[_timed(step) for step in enrichments.before_event_schema],
        after_event_schema=[_timed(step) for step in enrichments.after_event_schema],
    )


def _timed(step: Enrichment) -> Enrichment:
    run, name = step.run, step.identifier
    if name is None:
        return step

    def run_timed(event: Enrichable) -> None:
        started = perf_counter()
        try:
            run(event)
        finally:
            _spent[name] += perf_counter() - started

    return replace(step, run=run_timed)


def count(records: int, outputs: Outputs) -> None:
    """Count records and their outputs, when it is written."""
    RAW.inc(records)
    PAYLOADS.inc(outputs.payloads)
    GOOD.inc(len(outputs.good))
    BAD.inc(len(outputs.bad))
    FAILED.inc(len(outputs.incomplete))
    INVALID.inc(outputs.invalid)
    if outputs.good:
        E2E_LATENCY.set(max(0.0, time.time() * 1000 - _collected(outputs.good[0])))
    for event in outputs.bad:
        _count_schemas(event)


def _collected(line: bytes) -> float:
    text = line.split(b"\t", _COLLECTOR_TSTAMP + 1)[_COLLECTOR_TSTAMP].decode()
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC).timestamp() * 1000


def _count_schemas(event: bytes) -> None:
    """Count the schemas that refused something in a failed event of this kind."""
    if b"/schema_violations/" not in event[:200]:
        return
    try:
        messages = _failed_event.decode(event).data.failure.messages
    except msgspec.DecodeError as error:
        _log.warning("a failed event has no form that can be counted: %s", type(error).__name__)
        return
    for message in messages:
        if message.schema_key and isinstance(message.error, _Error):
            SCHEMA_FAILURES.labels(_label(message.schema_key, message.error.error)).inc()


def _label(schema: str, error: str) -> str:
    """Name a schema that refused: one that no registry knows is named by whoever sent it, and could say anything."""
    if error == "ResolutionError":
        return "unresolved"
    if schema in _schemas or len(_schemas) < _MAX_SCHEMAS:
        _schemas.add(schema)
        return schema
    return "other"
