"""The adapter: one request becomes the events that its tracker sent, by the rules of its path.

The trackers' paths, the Iglu webhook and CloudFront's logs are known; other paths fail as Enrich's do when it has no
adapter.
"""

import msgspec
from msgspec import Struct

from services.enricher.adapters import cloudfront, redirect, webhook
from services.enricher.adapters.adapter_error import AdapterError
from services.enricher.fields.column_plan import TrackerEvent, tracker_event
from services.enricher.iglu.validation import Iglu
from services.enricher.text import exact_json
from services.enricher.text.exact_json import ExactJsonError
from services.enricher.text.querystring import Pairs
from wire.failed_events import FailureKind, Json, criterion_mismatch, input_data, not_iglu, not_json
from wire.self_describing import SNOWPLOW, Criterion, SelfDescribing, SelfDescribingError
from wire.tracker_protocol import TP2_CONTENT_TYPES

_PAYLOAD_DATA_URI = f"iglu:{SNOWPLOW}/payload_data/jsonschema/1-0-"
_PAYLOAD_DATA = Criterion.parse(f"{_PAYLOAD_DATA_URI}*")
_BATCH_DEPTH = 3  # the wrapper, the list, an event
_EXPECTED_CONTENT_TYPE = (
    "expected one of application/json, application/json; charset=utf-8, application/json; charset=UTF-8"
)
_STRINGS = frozenset({str})


class _Batch(Struct, forbid_unknown_fields=True):
    schema: str
    data: list[dict[str, str]]


_batch = msgspec.json.Decoder(_Batch).decode


class TrackerRequest(Struct, frozen=True):
    """What an adapter reads of a CollectorPayload, its path taken apart; `json` is the body where it is read faster."""

    vendor: str
    version: str
    querystring: Pairs
    body: str | None
    content_type: str | None
    json: str | bytes | None = None


def events(request: TrackerRequest, iglu: Iglu, max_depth: int = exact_json.MAX_DEPTH) -> list[TrackerEvent]:
    """Return the events, one at least. Raises AdapterError for the request as a whole."""
    if (request.vendor, request.version) == (SNOWPLOW, "tp1"):
        return [_pixel(request)]
    if (request.vendor, request.version) == (SNOWPLOW, "tp2"):
        return _tracker_protocol(request, iglu, max_depth)
    if (request.vendor, request.version) == ("r", "tp2"):
        return [tracker_event(redirect.event(request.querystring, max_depth))]
    if (request.vendor, request.version) == ("com.snowplowanalytics.iglu", "v1"):
        sent = webhook.events(request.querystring, request.body, request.content_type, max_depth)
        return [tracker_event(parameters) for parameters in sent]
    if (request.vendor, request.version) == cloudfront.PATH:
        return cloudfront.events(request.querystring, request.body)
    kind = FailureKind.TRACKER_PROTOCOL_VIOLATIONS if request.vendor == "r" else FailureKind.ADAPTER_FAILURES
    combination = f"{request.vendor}/{request.version}"
    expectation = "vendor/version combination is not supported"
    raise AdapterError(kind, [input_data("vendor/version", combination, expectation)])


def _pixel(request: TrackerRequest) -> TrackerEvent:
    if not request.querystring:
        message = input_data("querystring", None, "empty querystring: not a valid URI redirect")
        raise AdapterError(FailureKind.ADAPTER_FAILURES, [message])
    return tracker_event(dict(request.querystring))


def _tracker_protocol(request: TrackerRequest, iglu: Iglu, max_depth: int) -> list[TrackerEvent]:
    if request.body is None and not request.querystring:
        raise _violation(
            input_data("body", None, "empty body: not a valid tracker protocol event"),
            input_data("querystring", None, "empty querystring: not a valid tracker protocol event"),
        )
    if request.content_type is not None and request.content_type not in TP2_CONTENT_TYPES:
        raise _violation(input_data("contentType", request.content_type, _EXPECTED_CONTENT_TYPE))
    if request.body is None:
        if request.content_type is not None:
            raise _violation(input_data("body", None, "empty body: not a valid track protocol event"))
        return [tracker_event(dict(request.querystring))]
    if request.content_type is None:
        raise _violation(input_data("contentType", None, _EXPECTED_CONTENT_TYPE))
    sent = _fast_path(request.json or request.body, iglu, max_depth) or _any_batch(request.body, iglu, max_depth)
    if of_all := dict(request.querystring):
        return [tracker_event({**event.parameters, **of_all}) for event in sent]
    return sent


def _fast_path(body: str | bytes, iglu: Iglu, max_depth: int) -> list[TrackerEvent] | None:
    """Return what `_any_batch` returns, for a batch in the form that trackers write; None for any other batch."""
    try:
        batch = _batch(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    form = iglu.text_objects.get(batch.schema) if batch.schema.startswith(_PAYLOAD_DATA_URI) else None
    if form is None or not batch.data or max_depth <= _BATCH_DEPTH:
        return None
    sent = [tracker_event(parameters) for parameters in batch.data]
    for event in sent:
        if not form.takes(event.column_plan.keys):
            return None
    return sent


def _any_batch(body: str, iglu: Iglu, max_depth: int) -> list[TrackerEvent]:
    try:
        parsed = exact_json.parse(body, max_depth)
    except ExactJsonError as error:
        raise _violation(not_json("body", body, str(error))) from None
    try:
        payload = SelfDescribing.parse(parsed.value)
    except SelfDescribingError as error:
        raise _violation(not_iglu(parsed.exact, error.code)) from None
    if (failure := iglu.failure(payload.schema, payload.data)) is not None:
        raise _violation(failure)
    if not _PAYLOAD_DATA.matches(payload.schema):
        raise _violation(criterion_mismatch(str(payload.schema), str(_PAYLOAD_DATA)))
    return _sent(payload.data)


def _sent(data: object) -> list[TrackerEvent]:
    # payload_data says all of this, but a registry is data: what it lets through must still be events.
    if not isinstance(data, list):
        raise _violation(input_data("body", None, "json is not an array"))
    if not data:
        raise _violation(input_data("body", None, "empty list of events"))
    for event in data:
        if not isinstance(event, dict) or not _STRINGS.issuperset(map(type, event.values())):
            raise _violation(input_data("body", None, "value is not a string"))
    return [tracker_event(parameters) for parameters in data]


def _violation(*messages: Json) -> AdapterError:
    return AdapterError(FailureKind.TRACKER_PROTOCOL_VIOLATIONS, list(messages))
