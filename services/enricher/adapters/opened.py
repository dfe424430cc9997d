"""Payloads opened: what the events of each have in common, and the events; or what failed of it as a whole."""

from base64 import b64encode
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from services.enricher import PROCESSOR
from services.enricher.adapters import adapter
from services.enricher.adapters.adapter import TrackerRequest
from services.enricher.adapters.adapter_error import AdapterError
from services.enricher.adapters.checks import Checked, check
from services.enricher.fields.column_plan import TrackerEvent
from services.enricher.fields.request_cells import RequestCells, fill_request_cells
from services.enricher.iglu.validation import Iglu
from wire.collector_payload import CollectorPayload, PayloadFormatError, decode_with_body
from wire.failed_events import FailureKind, Json, collector_payload_object, failed_event, raw_event_object

type Failed = list[bytes]  # the failed events that a request is as a whole


class Opened(Struct):
    """A request's set-up and its events, one at least, and the failed events of what could not be read beside them."""

    request: RequestCells
    events: Sequence[TrackerEvent]
    path: tuple[str, str]
    failed: Sequence[bytes] = ()

    def raw(self, sent: TrackerEvent) -> Json:
        """Return the event as failed events of a later stage hold it."""
        return raw_event_object(self.request.payload, *self.path, sent.parameters)


class _CheckedRequest(Struct):
    """A payload whose parts have their forms, and its body as JSON is best read from it."""

    payload: CollectorPayload
    body: str | bytes | None
    checked: Checked


def open_payloads(records: Sequence[bytes], etl_tstamp: str, iglu: Iglu, max_depth: int) -> list[Opened | Failed]:
    """Return what each record is, stage by stage (docs/adr/0037-stage-by-stage.md)."""
    requests = [_request(record) for record in records]
    return [each if isinstance(each, list) else _opened(each, etl_tstamp, iglu, max_depth) for each in requests]


def _request(record: bytes) -> _CheckedRequest | Failed:
    try:
        payload, body = decode_with_body(record)
    except PayloadFormatError as error:
        return [format_violation(record, {"error": str(error)})]
    checked = check(payload)
    if checked.messages:
        return [format_violation(record, message) for message in checked.messages]
    return _CheckedRequest(payload, body, checked)


def _opened(request: _CheckedRequest, etl_tstamp: str, iglu: Iglu, max_depth: int) -> Opened | Failed:
    payload, checked = request.payload, request.checked
    vendor, version = checked.path
    adapted = TrackerRequest(vendor, version, checked.querystring, payload.body, payload.content_type, request.body)
    events: Sequence[TrackerEvent]
    failed: Failed = []
    try:
        events = adapter.events(adapted, iglu, max_depth)
    except AdapterError as error:
        pairs: list[Json] = [{"name": name, "value": value} for name, value in checked.querystring]
        failure: Json = {"vendor": vendor, "version": version, "messages": error.messages}
        unread = payload if error.body is None else replace(payload, body=error.body)
        content = collector_payload_object(unread, vendor, version, pairs)
        failed = [failed_event(error.kind, PROCESSOR, failure, content)]
        events = error.events
    if not events:
        return failed
    cells = fill_request_cells(payload, checked.network_user_id, etl_tstamp, checked.decode)
    return Opened(cells, events, checked.path, failed)


def format_violation(record: bytes, message: Json, loader: str = "thrift") -> bytes:
    """Return the failed event of a record that is not a payload; it holds the record."""
    failure: Json = {"loader": loader, "message": message}
    return failed_event(FailureKind.COLLECTOR_PAYLOAD_FORMAT_VIOLATION, PROCESSOR, failure, b64encode(record).decode())
