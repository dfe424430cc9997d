"""Record to output: a batch is done, and checkpointed, when both streams have acknowledged all that became of it."""

import logging
import time
from collections.abc import Sequence
from typing import Protocol

from services.enricher.record import Outputs, RecordEnricher
from services.enricher.source import Source
from services.enricher.timestamps import format_timestamp

_log = logging.getLogger(__name__)


class Sink(Protocol):
    """An output stream."""

    def write(self, records: Sequence[bytes]) -> None:
        """Return when all records are acknowledged."""
        ...


def run(source: Source, enricher: RecordEnricher, good: Sink, bad: Sink) -> None:
    """Process batches until the source ends; an error of a sink leaves the batch to be read again."""
    for batch in source.batches():
        outputs = Outputs()
        etl_tstamp = format_timestamp(time.time_ns() // 1_000_000)
        for record in batch.records:
            enricher.add(record, etl_tstamp, outputs)
        good.write(outputs.good)
        bad.write(outputs.bad)
        source.checkpoint(batch.position)
        if batch.records:
            counts = len(batch.records), len(outputs.good), len(outputs.bad)
            _log.info("shard %s: %d records, %d enriched, %d failed", batch.position.shard_id, *counts)
