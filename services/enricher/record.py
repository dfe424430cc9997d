"""One record of raw-good: every event in it becomes an enriched line or a failed event; nothing is ever dropped."""

import logging
import traceback
from base64 import b64encode
from dataclasses import dataclass, field

from services.enricher import PROCESSOR, adapter, decompression, tsv
from services.enricher.adapter import Request
from services.enricher.adapter_error import AdapterError
from services.enricher.decompression import CompressedRecordError, PayloadTooLargeError
from services.enricher.enrich import Event, Failure, enrich
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.pii_event import transformation_event
from services.enricher.enrichments.setup import NO_ENRICHMENTS
from services.enricher.iglu import Iglu
from services.enricher.iglu_resolver import UnavailableError
from services.enricher.incomplete import incomplete_event
from services.enricher.limits import ENRICHS, Limits
from services.enricher.request import check
from services.enricher.setup import set_up
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


@dataclass(slots=True)
class Outputs:
    """Records for the output streams.

    Enriched lines, failed events, lines that tell originals to the vault, and the lines of failed events as far as they
    could be enriched. `invalid` is the number of enriched events with over-long columns.
    """

    good: list[bytes] = field(default_factory=list)
    bad: list[bytes] = field(default_factory=list)
    pii: list[bytes] = field(default_factory=list)
    incomplete: list[bytes] = field(default_factory=list)
    invalid: int = 0


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
    ) -> None:
        self._iglu = iglu
        self._enrichments = enrichments
        self._max_size = max_record_size
        self._max_incomplete_size = max_incomplete_size
        self._limits = limits

    def add(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        """Add what becomes of one record, one output at least; a bug of ours is a failed event too.

        Raises UnavailableError, with nothing added: a schema's registry is away, and the record is to be read again.
        """
        own = Outputs()
        if decompression.is_compressed(record):
            self._add_compressed(record, etl_tstamp, own)
        else:
            self._add_payload(record, etl_tstamp, own)
        outputs.good += own.good
        outputs.bad += own.bad
        outputs.pii += own.pii
        outputs.incomplete += own.incomplete
        outputs.invalid += own.invalid

    def _add_compressed(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        try:
            for thrift in decompression.payloads(record):
                self._add_payload(thrift, etl_tstamp, outputs)
        except CompressedRecordError as error:
            self._format_violation(record, {"error": str(error)}, outputs, loader=error.loader)
        except PayloadTooLargeError as error:
            violation = size_violation(
                PROCESSOR,
                maximum=decompression.MAX_PAYLOAD_BYTES,
                actual=error.actual,
                expectation=str(error),
                original=(content := b64encode(record).decode()),
                payload_limit=len(content),
            )
            self._add_bad(violation, outputs)

    def _add_payload(self, thrift: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        own = Outputs()
        try:
            self._enrich(thrift, etl_tstamp, own)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a bug raises must neither lose the record nor stop the shard
            where = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("bug: %s at %s:%s", type(error).__name__, where.filename, where.lineno)
            own = Outputs()
            self._format_violation(thrift, {"error": f"internal error: {type(error).__name__}"}, own)
        outputs.good += own.good
        outputs.bad += own.bad
        outputs.pii += own.pii
        outputs.incomplete += own.incomplete
        outputs.invalid += own.invalid

    def _enrich(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> None:
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
            events = adapter.parameters(request, self._iglu, self._limits.max_json_depth)
        except AdapterError as error:
            pairs: list[Json] = [{"name": name, "value": value} for name, value in checked.querystring]
            failure: Json = {"vendor": vendor, "version": version, "messages": error.messages}
            content = collector_payload_object(payload, vendor, version, pairs)
            self._add_bad(failed_event(error.kind, PROCESSOR, failure, content), outputs)
            return
        setup = set_up(payload, checked.network_user_id, etl_tstamp)
        for of_event in events:
            event = enrich(setup, of_event, self._iglu, self._enrichments, self._limits)
            if event.failure is None:
                self._add(event, outputs)
            else:
                raw = raw_event_object(payload, vendor, version, of_event)
                self._add_failed(event.cells, event.failure, raw, outputs)

    def _add_failed(self, cells: list[str], failure: Failure, raw: Json, outputs: Outputs) -> None:
        both: Json = {"enriched": tsv.as_object(cells), "raw": raw}
        self._add_bad(failed_event(failure.kind, PROCESSOR, {"messages": failure.messages}, both), outputs)
        if self._max_incomplete_size is not None:
            line = tsv.line(incomplete_event(cells, failure)).encode()
            if len(line) <= self._max_incomplete_size:
                outputs.incomplete.append(line)

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
            outputs.bad.append(self._too_large(line, "Enriched event exceeds"))
        else:
            to.append(encoded)

    def _add_bad(self, event: bytes, outputs: Outputs) -> None:
        if len(event) > self._max_size:
            event = self._too_large(event.decode(), "Event failed enrichment and resulting bad row exceeds")
        outputs.bad.append(event)

    def _too_large(self, text: str, what: str) -> bytes:
        return size_violation(
            PROCESSOR,
            maximum=self._max_size,
            actual=len(text),
            expectation=f"{what} the maximum allowed size of {self._max_size} bytes",
            original=text,
            payload_limit=self._max_size // 10,
        )
