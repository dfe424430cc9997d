"""One record of raw-good: every event in it becomes an enriched line or a failed event; nothing is ever dropped."""

import logging
import sys
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched, chain
from typing import Literal

from services.enricher import PROCESSOR
from services.enricher.adapters import decompression
from services.enricher.adapters.decompression import Bounds, CompressedRecordError, TooLargeError
from services.enricher.adapters.opened import Opened, format_violation, open_payloads
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.loader import NO_ENRICHMENTS
from services.enricher.enrichments.pii_event import transformation_event
from services.enricher.fields import tsv
from services.enricher.fields.column_plan import TrackerEvent
from services.enricher.fields.limits import SNOWPLOW_DEFAULTS, Limits
from services.enricher.iglu.validation import Iglu
from services.enricher.processing.enrich import Event, Failure, enrich, enrich_all
from services.enricher.processing.incomplete import incomplete_event
from services.enricher.support.batches import batches
from wire.failed_events import Json, failed_event, size_violation

_log = logging.getLogger(__name__)
# Outputs are written when they are so many: what a request becomes can be a thousand times its size.
MAX_HELD_BYTES = 8_000_000
# So much is enriched at once: what the processor's caches hold, and a bound for wasted work.
_BYTES_AT_ONCE, _EVENTS_AT_ONCE = 400_000, 512


@dataclass(slots=True)
class Outputs:
    """Records for the output streams, `size` bytes together.

    Enriched lines, failed events, lines that tell originals to the vault, and the lines of failed events as far as they
    could be enriched. `invalid` is the number of enriched events with over-long columns,
    `payloads` that of the payloads that all of this came from. `write` is where they go when they are many; it leaves
    them empty.
    """

    good: list[bytes] = field(default_factory=list)
    bad: list[bytes] = field(default_factory=list)
    pii: list[bytes] = field(default_factory=list)
    incomplete: list[bytes] = field(default_factory=list)
    invalid: int = 0
    payloads: int = 0
    size: int = 0
    write: "Callable[[Outputs], None] | None" = None

    def take(self, other: "Outputs") -> None:
        """Add what another holds, which is empty then. Raises what `write` raises."""
        self.good += other.good
        self.bad += other.bad
        self.pii += other.pii
        self.incomplete += other.incomplete
        self.invalid += other.invalid
        self.payloads += other.payloads
        self.size += other.size
        other.good, other.bad, other.pii, other.incomplete = [], [], [], []
        other.invalid = other.payloads = other.size = 0
        if self.size >= MAX_HELD_BYTES:
            self.write_out()

    def write_out(self) -> None:
        """Have all written that there is. Raises what `write` raises."""
        if self.write is not None:
            self.write(self)


class RecordEnricher:
    """Turns records into outputs; no output is larger than `max_record_size` bytes.

    With a `max_incomplete_size` in bytes a failed event's line is written too, as far as it could be enriched.
    """

    def __init__(
        self,
        iglu: Iglu,
        max_record_size: int,
        enrichments: Enrichments = NO_ENRICHMENTS,
        *,
        max_incomplete_size: int | None = None,
        limits: Limits = SNOWPLOW_DEFAULTS,
        bounds: Bounds = decompression.SNOWPLOW_DEFAULTS,
    ) -> None:
        self._iglu = iglu
        self._enrichments = enrichments
        self._max_size = max_record_size
        self._max_incomplete_size = max_incomplete_size
        self._limits = limits
        self._bounds = bounds

    def add(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        """Add the output of one record, one output at least; a bug of ours is a failed event too.

        Waits while a schema's registry is unreachable. Raises what `outputs.write` raises.
        """
        if decompression.is_compressed(record):
            self._add_compressed(record, etl_tstamp, outputs)
        else:
            self._add_payload(record, etl_tstamp, outputs)

    def add_all(self, records: Iterable[bytes], etl_tstamp: str, outputs: Outputs) -> None:
        """Add the output of each record, as `add` does: several at once while nothing is out of the ordinary.

        Raises what `outputs.write` raises.
        """
        for some in batches(records, len, _BYTES_AT_ONCE, sys.maxsize):
            try:
                made = self._at_once(some, etl_tstamp)
            except Exception:  # noqa: BLE001 - a bug: alone, each record fails for itself
                made = None
            if made is not None:
                outputs.take(made)
                continue
            for record in some:
                self.add(record, etl_tstamp, outputs)

    def _add_compressed(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        pending = 0
        try:
            for payload in decompression.payloads(record, self._bounds.max_bytes_single_payload):
                if isinstance(payload, TooLargeError):
                    self._add_too_large(record, payload, outputs)
                    continue
                self._add_payload(payload, etl_tstamp, outputs)
                pending += len(payload)
                if pending > self._bounds.max_bytes_in_batch:
                    outputs.write_out()
                    pending = 0
        except CompressedRecordError as error:
            self._add_bad(format_violation(record, {"error": str(error)}, error.loader), outputs)
        except TooLargeError as error:
            self._add_too_large(record, error, outputs)

    def _add_too_large(self, record: bytes, error: TooLargeError, outputs: Outputs) -> None:
        violation = size_violation(
            PROCESSOR,
            maximum=error.maximum,
            actual=error.actual,
            expectation=str(error),
            original=(content := b64encode(record).decode()),
            payload_limit=len(content),
        )
        self._add_bad(violation, outputs)

    def _add_payload(self, thrift: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        own = Outputs()
        outputs.payloads += 1
        work = self._enriched(thrift, etl_tstamp, own)
        more = True
        while more:
            try:
                more = next(work, False)
            except Exception as error:  # noqa: BLE001 - whatever a bug raises must neither lose the record nor stop the shard
                where = traceback.extract_tb(error.__traceback__)[-1]
                _log.error("bug: %s at %s:%s", type(error).__name__, where.filename, where.lineno)
                own = Outputs()
                self._add_bad(format_violation(thrift, {"error": f"internal error: {type(error).__name__}"}), own)
                more = False
            outputs.take(own)  # outside the try: a stream's error is not a bug of the record's

    def _enriched(self, thrift: bytes, etl_tstamp: str, outputs: Outputs) -> Iterator[Literal[True]]:
        """Add the output of a payload; stop after each event with which that has become large."""
        (opened,) = open_payloads([thrift], etl_tstamp, self._iglu, self._limits.max_json_depth)
        if isinstance(opened, list):
            for event in opened:
                self._add_bad(event, outputs)
            return
        for event in opened.failed:
            self._add_bad(event, outputs)
        for sent in opened.events:
            made = enrich(opened.request, sent, self._iglu, self._enrichments, self._limits)
            self._add_event(opened, sent, made, outputs)
            if outputs.size >= MAX_HELD_BYTES:
                yield True

    def _at_once(self, records: Sequence[bytes], etl_tstamp: str) -> Outputs | None:
        """Return the output of the records, None if it is much or one is compressed."""
        if any(map(decompression.is_compressed, records)):
            return None
        made = Outputs(payloads=len(records))
        all_opened = open_payloads(records, etl_tstamp, self._iglu, self._limits.max_json_depth)
        requests = [each for each in all_opened if not isinstance(each, list)]
        all_sent = [(each.request, sent) for each in requests for sent in each.events]
        events = chain.from_iterable(
            enrich_all(some, self._iglu, self._enrichments, self._limits)
            for some in batched(all_sent, _EVENTS_AT_ONCE, strict=False)
        )
        for opened in all_opened:
            for failed in opened if isinstance(opened, list) else opened.failed:
                self._add_bad(failed, made)
            if isinstance(opened, list):
                continue
            for sent in opened.events:
                self._add_event(opened, sent, next(events), made)
                if made.size >= MAX_HELD_BYTES:
                    return None
        return made

    def _add_event(self, opened: Opened, sent: TrackerEvent, event: Event, outputs: Outputs) -> None:
        if event.failure is not None:
            self._add_failed(event.cells, event.failure, opened.raw(sent), outputs)
            return
        self._add_line(event.cells, outputs.good, outputs)
        if event.invalid:
            outputs.invalid += 1
        if event.pii is not None:
            self._add_line(transformation_event(event.cells, event.pii), outputs.pii, outputs)

    def _add_failed(self, cells: list[str], failure: Failure, raw: Json, outputs: Outputs) -> None:
        both: Json = {"enriched": tsv.as_object(cells), "raw": raw}
        self._add_bad(failed_event(failure.kind, PROCESSOR, {"messages": failure.messages}, both), outputs)
        if self._max_incomplete_size is not None:
            line = tsv.line(incomplete_event(cells, failure)).encode()
            if len(line) <= self._max_incomplete_size:
                outputs.incomplete.append(line)
                outputs.size += len(line)

    def _add_line(self, cells: list[str], to: list[bytes], outputs: Outputs) -> None:
        line = tsv.line(cells)
        encoded = line.encode()
        if len(encoded) > self._max_size:
            encoded, to = self._too_large(line, "Enriched event exceeds"), outputs.bad
        to.append(encoded)
        outputs.size += len(encoded)

    def _add_bad(self, event: bytes, outputs: Outputs) -> None:
        if len(event) > self._max_size:
            event = self._too_large(event.decode(), "Event failed enrichment and resulting bad row exceeds")
        outputs.bad.append(event)
        outputs.size += len(event)

    def _too_large(self, text: str, what: str) -> bytes:
        return size_violation(
            PROCESSOR,
            maximum=self._max_size,
            actual=len(text),
            expectation=f"{what} the maximum allowed size of {self._max_size} bytes",
            original=text,
            payload_limit=self._max_size // 10,
        )
