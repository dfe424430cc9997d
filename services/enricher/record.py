"""One record of raw-good: every event in it becomes an enriched line or a failed event; nothing is ever dropped."""

import logging
import re
import traceback
from base64 import b64encode
from dataclasses import dataclass, field

from services.enricher import PROCESSOR, adapter, parameters, querystring, tsv
from services.enricher.adapter import SNOWPLOW, AdapterError, Request
from services.enricher.enrich import enrich
from services.enricher.enrichments.chain import Enrichments
from services.enricher.enrichments.pii_event import transformation_event
from services.enricher.enrichments.setup import NO_ENRICHMENTS
from services.enricher.iglu import Iglu
from services.enricher.iglu_resolver import UnavailableError
from services.enricher.parameters import ParameterError
from services.enricher.querystring import Pairs, QuerystringError
from services.enricher.setup import set_up
from wire.collector_payload import CollectorPayload, PayloadFormatError, decode
from wire.failed_events import (
    FailureKind,
    Json,
    collector_payload_object,
    failed_event,
    raw_event_object,
    size_violation,
)

_log = logging.getLogger(__name__)
_PATH = re.compile(r"/?([^/]+)/([^/]+)/?")


@dataclass(slots=True)
class Outputs:
    """Records for the output streams: enriched lines, failed events, and lines that tell originals to the vault."""

    good: list[bytes] = field(default_factory=list)
    bad: list[bytes] = field(default_factory=list)
    pii: list[bytes] = field(default_factory=list)


class RecordEnricher:
    """Turns records into outputs; no output is larger than `max_record_size` bytes."""

    def __init__(self, iglu: Iglu, max_record_size: int, enrichments: Enrichments = NO_ENRICHMENTS) -> None:
        self._iglu = iglu
        self._enrichments = enrichments
        self._max_size = max_record_size

    def add(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        """Add what becomes of one record, one output at least; a bug of ours is a failed event too.

        Raises UnavailableError, with nothing added: a schema's registry is away, and the record is to be read again.
        """
        own = Outputs()
        try:
            self._enrich(record, etl_tstamp, own)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a bug raises must neither lose the record nor stop the shard
            where = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("bug: %s at %s:%s", type(error).__name__, where.filename, where.lineno)
            own = Outputs()
            self._format_violation(record, {"error": f"internal error: {type(error).__name__}"}, own)
        outputs.good += own.good
        outputs.bad += own.bad
        outputs.pii += own.pii

    def _enrich(self, record: bytes, etl_tstamp: str, outputs: Outputs) -> None:
        try:
            payload = decode(record)
        except PayloadFormatError as error:
            self._format_violation(record, {"error": str(error)}, outputs)
            return
        checked = _check(payload)
        for message in checked.messages:
            self._format_violation(record, message, outputs)
        if checked.messages:
            return
        vendor, version = checked.path
        request = Request(vendor, version, checked.querystring, payload.body, payload.content_type)
        try:
            events = adapter.parameters(request, self._iglu)
        except AdapterError as error:
            pairs: list[Json] = [{"name": name, "value": value} for name, value in checked.querystring]
            failure: Json = {"vendor": vendor, "version": version, "messages": error.messages}
            content = collector_payload_object(payload, vendor, version, pairs)
            self._add_bad(failed_event(error.kind, PROCESSOR, failure, content), outputs)
            return
        setup = set_up(payload, checked.network_user_id, etl_tstamp)
        for of_event in events:
            event = enrich(setup, of_event, self._iglu, self._enrichments)
            if event.failure is None:
                self._add(tsv.line(event.cells), outputs.good, outputs)
                if event.pii is not None:
                    line = tsv.line(transformation_event(event.cells, event.pii))
                    self._add(line, outputs.pii, outputs)
                continue
            kind, messages = event.failure
            raw = raw_event_object(payload, vendor, version, of_event)
            both: Json = {"enriched": tsv.as_object(event.cells), "raw": raw}
            self._add_bad(failed_event(kind, PROCESSOR, {"messages": messages}, both), outputs)

    def _format_violation(self, record: bytes, message: Json, outputs: Outputs) -> None:
        failure: Json = {"loader": "thrift", "message": message}
        content = b64encode(record).decode()
        kind = FailureKind.COLLECTOR_PAYLOAD_FORMAT_VIOLATION
        self._add_bad(failed_event(kind, PROCESSOR, failure, content), outputs)

    def _add(self, line: str, to: list[bytes], outputs: Outputs) -> None:
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


@dataclass(slots=True)
class _Checked:
    """A payload's parts that have a form of their own, and a message for each that has not."""

    path: tuple[str, str] = ("", "")
    network_user_id: str = ""
    querystring: Pairs = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)


def _check(payload: CollectorPayload) -> _Checked:
    checked = _Checked()
    if payload.path is None:
        checked.messages.append(_wrong("path", None, "request does not contain a path"))
    elif (path := _split_path(payload.path)) is not None:
        checked.path = path
    else:
        expectation = "path does not match (/)vendor/version(/) nor is a legacy /i(ce.png) request"
        checked.messages.append(_wrong("path", payload.path, expectation))
    try:
        checked.network_user_id = _network_user_id(payload.network_user_id)
    except ParameterError as error:
        checked.messages.append(_wrong("networkUserId", payload.network_user_id, str(error)))
    try:
        checked.querystring = querystring.parse(payload.querystring)
    except QuerystringError as error:
        checked.messages.append(_wrong("querystring", payload.querystring, str(error)))
    return checked


def _network_user_id(text: str | None) -> str:
    return "" if text is None else parameters.lenient_uuid(text)


def _split_path(path: str) -> tuple[str, str] | None:
    if match := _PATH.fullmatch(path):
        return match[1], match[2]
    if path == "/i" or path.startswith(("/i?", "/ice.png")):
        return SNOWPLOW, "tp1"
    return None


def _wrong(field_name: str, value: str | None, expectation: str) -> Json:
    return {"payloadField": field_name, "value": value, "expectation": expectation}
