"""One record of raw-good: every event in it becomes an enriched line or a failed event; nothing is ever dropped."""

import logging
import time
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from services.enricher import PROCESSOR, adapter, aws, decompression, tsv
from services.enricher.adapter import Parameters, Request
from services.enricher.adapter_error import AdapterError
from services.enricher.decompression import Bounds, CompressedRecordError, TooLargeError
from services.enricher.enrich import Event, Failure, enrich
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.pii_event import transformation_event
from services.enricher.enrichments.setup import NO_ENRICHMENTS
from services.enricher.iglu import Iglu
from services.enricher.iglu_resolver import UnavailableError
from services.enricher.incomplete import incomplete_event
from services.enricher.limits import ENRICHS, Limits
from services.enricher.request import check
from services.enricher.setup import Setup, set_up
from wire.collector_payload import PayloadFormatError, decode
from wire.failed_events import (
    FailureKind,
    Json,
    collector_payload_object,
    failed_event,
    raw_event_object,
    size_violation,
)

_log = logging.getLogger(__name__)
# Outputs are written when they are so many: what a request becomes can be a thousand times its size.
MAX_HELD_BYTES = 8_000_000


@dataclass(slots=True)
class Outputs:
    """Records for the output streams, `size` bytes together.

    Enriched lines, failed events, lines that tell originals to the vault, and the lines of failed events as far as they
    could be enriched. `invalid` is the number of enriched events with over-long columns. `write`
    is where they go when they are many; it leaves them empty.
    """

    good: list[bytes] = field(default_factory=list)
    bad: list[bytes] = field(default_factory=list)
    pii: list[bytes] = field(default_factory=list)
    incomplete: list[bytes] = field(default_factory=list)
    invalid: int = 0
    size: int = 0
    write: "Callable[[Outputs], None] | None" = None

    def take(self, other: "Outputs") -> None:
        """Add what another holds, which is empty then. Raises what `write` raises."""
        self.good += other.good
        self.bad += other.bad
        self.pii += other.pii
        self.incomplete += other.incomplete
        self.invalid += other.invalid
        self.size += other.size
        other.good, other.bad, other.pii, other.incomplete = [], [], [], []
        other.invalid = other.size = 0
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
        limits: Limits = ENRICHS,
        bounds: Bounds = decompression.ENRICHS,
    ) -> None:
        self._iglu = iglu
        self._enrichments = enrichments
        self._max_size = max_record_size
        self._max_incomplete_size = max_incomplete_size
        self._limits = limits
        self._bounds = bounds

    def add(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        """Add what becomes of one record, one output at least; a bug of ours is a failed event too.

        Waits while a schema's registry is away. Raises what `outputs.write` raises.
        """
        if decompression.is_compressed(record):
            self._add_compressed(record, etl_tstamp, outputs)
        else:
            self._add_payload(record, etl_tstamp, outputs)

    def _add_compressed(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        pending = 0
        try:
            for thrift in decompression.payloads(record, self._bounds.max_bytes_single_payload):
                self._add_payload(thrift, etl_tstamp, outputs)
                pending += len(thrift)
                if pending > self._bounds.max_bytes_in_batch:
                    outputs.write_out()
                    pending = 0
        except CompressedRecordError as error:
            self._format_violation(record, {"error": str(error)}, outputs, loader=error.loader)
        except TooLargeError as error:
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
        events = self._enriched(thrift, etl_tstamp, own)
        more = True
        while more:
            try:
                more = next(events, False)
            except Exception as error:  # noqa: BLE001 - whatever a bug raises must neither lose the record nor stop the shard
                where = traceback.extract_tb(error.__traceback__)[-1]
                _log.error("bug: %s at %s:%s", type(error).__name__, where.filename, where.lineno)
                own = Outputs()
                self._format_violation(thrift, {"error": f"internal error: {type(error).__name__}"}, own)
                more = False
            if own.size >= MAX_HELD_BYTES:
                outputs.take(own)  # outside the try: a stream's error is no bug of the record's
        outputs.take(own)

    def _enriched(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> Iterator[Literal[True]]:
        """Add what becomes of a payload; stop after each of its events."""
        try:
            payload = decode(record)
        except PayloadFormatError as error:
            self._format_violation(record, {"error": str(error)}, outputs)
            return
        checked = check(payload)
        for message in checked.messages:
            self._format_violation(record, message, outputs)
        if checked.messages:
            return
        vendor, version = checked.path
        request = Request(vendor, version, checked.querystring, payload.body, payload.content_type)
        try:
            events = _patiently(lambda: adapter.parameters(request, self._iglu, self._limits.max_json_depth))
        except AdapterError as error:
            pairs: list[Json] = [{"name": name, "value": value} for name, value in checked.querystring]
            failure: Json = {"vendor": vendor, "version": version, "messages": error.messages}
            content = collector_payload_object(payload, vendor, version, pairs)
            self._add_bad(failed_event(error.kind, PROCESSOR, failure, content), outputs)
            return
        setup = set_up(payload, checked.network_user_id, etl_tstamp)
        for of_event in events:
            event = self._enrich(setup, of_event)
            if event.failure is None:
                self._add(event, outputs)
            else:
                raw = raw_event_object(payload, vendor, version, of_event)
                self._add_failed(event.cells, event.failure, raw, outputs)
            yield True

    def _enrich(self, setup: Setup, of_event: Parameters) -> Event:
        return _patiently(lambda: enrich(setup, of_event, self._iglu, self._enrichments, self._limits))

    def _add_failed(self, cells: list[str], failure: Failure, raw: Json, outputs: Outputs) -> None:
        both: Json = {"enriched": tsv.as_object(cells), "raw": raw}
        self._add_bad(failed_event(failure.kind, PROCESSOR, {"messages": failure.messages}, both), outputs)
        if self._max_incomplete_size is not None:
            line = tsv.line(incomplete_event(cells, failure)).encode()
            if len(line) <= self._max_incomplete_size:
                outputs.incomplete.append(line)
                outputs.size += len(line)

    def _format_violation(self, record: bytes, message: Json, outputs: Outputs, loader: str = "thrift") -> None:
        failure: Json = {"loader": loader, "message": message}
        content = b64encode(record).decode()
        kind = FailureKind.COLLECTOR_PAYLOAD_FORMAT_VIOLATION
        self._add_bad(failed_event(kind, PROCESSOR, failure, content), outputs)

    def _add(self, event: Event, outputs: Outputs) -> None:
        self._add_line(event.cells, outputs.good, outputs)
        outputs.invalid += event.invalid
        if event.pii is not None:
            self._add_line(transformation_event(event.cells, event.pii), outputs.pii, outputs)

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


def _patiently[Made](step: Callable[[], Made]) -> Made:
    """Do it again while a registry is away: nothing can be said of the event until then, and its shard waits."""
    for seconds in aws.waits():
        try:
            return step()
        except UnavailableError as error:
            _log.warning("%s, trying again", error)
            time.sleep(seconds)
    raise AssertionError("waits() does not end")
