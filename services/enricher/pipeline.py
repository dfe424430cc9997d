"""Record to output: a batch is done, and checkpointed, when all streams have acknowledged all that became of it.

A batch is enriched in parts; while one part is written, by a thread of its own, the next is enriched.
"""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from typing import Protocol

from services.enricher import aws, metrics
from services.enricher.iglu_resolver import UnavailableError
from services.enricher.record import Outputs, RecordEnricher
from services.enricher.source import Batch, Source
from services.enricher.timestamps import format_timestamp

_log = logging.getLogger(__name__)
_RECORDS_IN_PART = 250


class Sink(Protocol):
    """An output stream."""

    def write(self, records: Sequence[bytes]) -> None:
        """Return when all records are acknowledged."""
        ...


@dataclass(frozen=True, slots=True)
class Sinks:
    """The output streams; what is for one that is not there is dropped: pii is the vault's, failed that of D.7."""

    good: Sink
    bad: Sink
    pii: Sink | None = None
    failed: Sink | None = None

    def write(self, records: int, outputs: Outputs) -> tuple[int, int]:
        """Write what became of so many records; return how many enriched and failed events that were."""
        if self.pii is not None:  # first: no pseudonym is in the lake that the vault never hears of
            self.pii.write(outputs.pii)
        self.good.write(outputs.good)
        self.bad.write(outputs.bad)
        if self.failed is not None:
            self.failed.write(outputs.incomplete)
        metrics.count(records, outputs)
        return len(outputs.good), len(outputs.bad)


def run(source: Source, enricher: RecordEnricher, sinks: Sinks) -> None:
    """Process batches until the source ends; an error of a sink leaves the batch to be read again."""
    with ThreadPoolExecutor(1, "writer") as writer:
        for batch in source.batches():
            if batch.records:
                _process(batch, enricher, sinks, writer)
            source.checkpoint(batch.position)


def _add(record: bytes, etl_tstamp: str, outputs: Outputs, enricher: RecordEnricher) -> None:
    """Add what becomes of one record; while a registry is away nothing can be said of it, and its shard waits."""
    for seconds in aws.waits():
        try:
            enricher.add(record, etl_tstamp, outputs)
        except UnavailableError as error:
            _log.warning("%s, trying again", error)
            time.sleep(seconds)
        else:
            return


def _process(batch: Batch, enricher: RecordEnricher, sinks: Sinks, writer: ThreadPoolExecutor) -> None:
    """Return when all that became of the batch is acknowledged; whatever a sink raises is raised."""
    metrics.begin(batch)
    etl_tstamp = format_timestamp(time.time_ns() // 1_000_000)
    written = [0, 0]
    in_flight: Future[tuple[int, int]] | None = None
    for part in batched(batch.records, _RECORDS_IN_PART, strict=False):
        outputs = Outputs()
        for record in part:
            _add(record, etl_tstamp, outputs, enricher)
        if in_flight is not None:  # one part at a time: an error leaves nothing behind that still writes
            written = [a + b for a, b in zip(written, in_flight.result(), strict=True)]
        in_flight = writer.submit(sinks.write, len(part), outputs)
    if in_flight is not None:
        written = [a + b for a, b in zip(written, in_flight.result(), strict=True)]
    metrics.end()
    counts = len(batch.records), *written
    _log.info("shard %s: %d records, %d enriched, %d failed", batch.position.shard_id, *counts)
