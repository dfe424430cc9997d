"""A payload opened: what its events have in common and the events, or the failed events that it is as a whole."""

from base64 import b64encode
from collections.abc import Sequence

from msgspec import Struct

from services.enricher import PROCESSOR, adapter
from services.enricher.adapter import Request
from services.enricher.adapter_error import AdapterError
from services.enricher.iglu import Iglu
from services.enricher.plan import TrackerEvent
from services.enricher.request import check
from services.enricher.setup import Setup, set_up
from wire.collector_payload import PayloadFormatError, decode_with_body
from wire.failed_events import FailureKind, Json, collector_payload_object, failed_event, raw_event_object


class Opened(Struct):
    """A request's set-up and its events, one at least."""

    setup: Setup
    events: Sequence[TrackerEvent]
    path: tuple[str, str]

    def raw(self, sent: TrackerEvent) -> Json:
        """Return the event as failed events of a later stage hold it."""
        return raw_event_object(self.setup.payload, *self.path, sent.parameters)


def open_payload(thrift: bytes, etl_tstamp: str, iglu: Iglu, max_depth: int) -> Opened | list[bytes]:
    """Return the request, or its failed events. Raises UnavailableError."""
    try:
        payload, body = decode_with_body(thrift)
    except PayloadFormatError as error:
        return [format_violation(thrift, {"error": str(error)})]
    checked = check(payload)
    if checked.messages:
        return [format_violation(thrift, message) for message in checked.messages]
    vendor, version = checked.path
    request = Request(vendor, version, checked.querystring, payload.body, payload.content_type, body)
    try:
        events = adapter.events(request, iglu, max_depth)
    except AdapterError as error:
        pairs: list[Json] = [{"name": name, "value": value} for name, value in checked.querystring]
        failure: Json = {"vendor": vendor, "version": version, "messages": error.messages}
        content = collector_payload_object(payload, vendor, version, pairs)
        return [failed_event(error.kind, PROCESSOR, failure, content)]
    return Opened(set_up(payload, checked.network_user_id, etl_tstamp), events, checked.path)


def format_violation(record: bytes, message: Json, loader: str = "thrift") -> bytes:
    """Return the failed event of a record that is no payload; it holds the record."""
    failure: Json = {"loader": loader, "message": message}
    return failed_event(FailureKind.COLLECTOR_PAYLOAD_FORMAT_VIOLATION, PROCESSOR, failure, b64encode(record).decode())
