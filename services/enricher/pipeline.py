"""Record to output: a batch is done, and checkpointed, when all streams have acknowledged all its output.

A batch is enriched in parts; while one part is written, by a thread of its own, the next is enriched. A part ends after
so many records, or earlier, also within a record, when their output is large.
"""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from typing import Protocol

from services.enricher.kinesis.interface import Batch, Source
from services.enricher.processing.record_enricher import Outputs, RecordEnricher
from services.enricher.telemetry import metrics
from services.enricher.text.timestamps import format_timestamp

_log = logging.getLogger(__name__)
_RECORDS_IN_PART = 250


class Sink(Protocol):
    """An output stream."""

    def write(self, records: Sequence[bytes]) -> None:
        """Return when all records are acknowledged."""
        ...


@dataclass(frozen=True, slots=True)
class Sinks:
    """The output streams; lines for an absent one are dropped: `pii` is the vault's, `failed` for incomplete events."""

    good: Sink
    bad: Sink
    pii: Sink | None = None
    failed: Sink | None = None

    def write(self, records: int, outputs: Outputs) -> tuple[int, int]:
        """Write the output of so many records; return how many enriched and failed events that were."""
        if self.pii is not None:  # first: no pseudonym is in the lake that the vault never hears of
            self.pii.write(outputs.pii)
        self.good.write(outputs.good)
        self.bad.write(outputs.bad)
        if self.failed is not None:
            self.failed.write(outputs.incomplete)
        metrics.count(records, outputs)
        return len(outputs.good), len(outputs.bad)


class _Writer:
    """Writes one part at a time, by a thread of its own; `good` and `bad` are the numbers of events written."""

    def __init__(self, sinks: Sinks, thread: ThreadPoolExecutor) -> None:
        self._sinks = sinks
        self._thread = thread
        self._in_flight: Future[tuple[int, int]] | None = None
        self.good = self.bad = 0

    def write(self, outputs: Outputs, records: int = 0) -> None:
        """Have the outputs written, when those before are. Raises what a sink raised for those."""
        self.wait()
        part = Outputs()
        part.take(outputs)
        self._in_flight = self._thread.submit(self._sinks.write, records, part)

    def wait(self) -> None:
        """Return when all is acknowledged; whatever a sink raises is raised."""
        if self._in_flight is not None:
            good, bad = self._in_flight.result()
            self._in_flight = None
            self.good += good
            self.bad += bad


def run(source: Source, enricher: RecordEnricher, sinks: Sinks) -> None:
    """Process batches until the source ends; an error of a sink leaves the batch to be read again."""
    with ThreadPoolExecutor(1, "writer") as thread:
        for batch in source.batches():
            if batch.records:
                _process(batch, enricher, _Writer(sinks, thread))
            source.checkpoint(batch.position)


def _process(batch: Batch, enricher: RecordEnricher, writer: _Writer) -> None:
    """Return when all output of the batch is acknowledged; whatever a sink raises is raised."""
    metrics.begin(batch)
    etl_tstamp = format_timestamp(time.time_ns() // 1_000_000)
    outputs = Outputs(write=writer.write)
    for part in batched(batch.records, _RECORDS_IN_PART, strict=False):
        enricher.add_all(part, etl_tstamp, outputs)
        writer.write(outputs, len(part))
    writer.wait()
    metrics.end()
    counts = len(batch.records), writer.good, writer.bad
    _log.info("shard %s: %d records, %d enriched, %d failed", batch.position.shard_id, *counts)
