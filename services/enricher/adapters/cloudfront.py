"""CloudFront's access logs, as Amazon Data Firehose posts them: `/com.amazon.aws.cloudfront/firehose`, Enrich 6.12.

The body is Firehose's delivery request (docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html):
`{"records": [{"data": <base64>}]}`. Each record is one or more lines of JSON, a request to the distribution each, which
becomes a page view (docs.snowplow.io/docs/sources/cdn-trackers/cloudfront).
"""

from base64 import b64decode
from collections.abc import Iterator
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from services.enricher.adapters.adapter_error import AdapterError
from services.enricher.fields.column_plan import TrackerEvent, tracker_event
from services.enricher.text.querystring import Pairs
from wire.failed_events import FailureKind, Json, input_data, not_json

PATH = ("com.amazon.aws.cloudfront", "firehose")
_APP_ID = "cloudfront"
_ABSENT = "-"


class _Record(Struct):
    data: str


class _Delivery(Struct):
    records: list[_Record]


class _Request(Struct):
    """A line of the log, by CloudFront's names of its fields; `-` stands for none."""

    timestamp: str | int | None = msgspec.field(name="timestamp(ms)", default=None)
    host: str = msgspec.field(name="x-host-header", default=_ABSENT)
    protocol: str = msgspec.field(name="cs-protocol", default=_ABSENT)
    path: str = msgspec.field(name="cs-uri-stem", default=_ABSENT)
    query: str = msgspec.field(name="cs-uri-query", default=_ABSENT)
    user_agent: str = msgspec.field(name="cs(User-Agent)", default=_ABSENT)
    referrer: str = msgspec.field(name="cs(Referer)", default=_ABSENT)
    address: str = msgspec.field(name="c-ip", default=_ABSENT)


_delivery = msgspec.json.Decoder(_Delivery).decode
_request = msgspec.json.Decoder(_Request).decode


def events(querystring: Pairs, body: str | None) -> list[TrackerEvent]:
    """Return the page views, one at least. Raises AdapterError, with the page views beside what cannot be read."""
    if body is None:
        raise _failure(input_data("body", None, "empty body: no records to process"))
    try:
        records = _delivery(body).records
    except (msgspec.DecodeError, RecursionError) as error:
        raise _failure(not_json("body", body, _defect(error))) from None
    wrong: list[Json] = []
    unread: list[_Record] = []
    sent: list[TrackerEvent] = []
    app_id = dict(querystring).get("aid") or _APP_ID
    for number, record in enumerate(records):
        try:
            sent += [tracker_event(_page_view(_request(line), app_id)) for line in _lines(record.data)]
        except (ValueError, RecursionError) as error:  # msgspec's and base64's are ValueErrors
            wrong.append(not_json(f"records[{number}]", record.data, _defect(error)))
            unread.append(record)
    if wrong:
        # The payload of the failed event leaves out records that became events.
        rest = msgspec.json.encode(_Delivery(unread)).decode() if sent else None
        raise AdapterError(FailureKind.ADAPTER_FAILURES, wrong, sent, rest)
    if not sent:
        raise _failure(input_data("body", body, "empty list of records"))
    return sent


def _lines(data: str) -> Iterator[bytes]:
    return (line for line in b64decode(data, validate=True).splitlines() if line.strip())


def _page_view(request: _Request, app_id: str) -> dict[str, str | None]:
    # Columns without a value in the log stay empty: Firehose's own address and user agent are not a visitor's.
    parameters: dict[str, str | None] = {
        "e": "pv",
        "p": "srv",
        "tv": "/".join(PATH),
        "aid": app_id,
        "ua": unquote(_present(request.user_agent)),  # the log encodes spaces and quotes
        "ip": _present(request.address),
    }
    if url := _url(request):
        parameters["url"] = url
    if referrer := _present(request.referrer):
        parameters["refr"] = referrer
    if request.timestamp is not None and request.timestamp != _ABSENT:
        parameters["stm"] = str(request.timestamp)
    return parameters


def _url(request: _Request) -> str:
    host, query = _present(request.host), _present(request.query)
    if not host:
        return ""
    scheme = "http" if request.protocol == "http" else "https"
    return f"{scheme}://{host}{_present(request.path)}{'?' if query else ''}{query}"


def _present(text: str) -> str:
    return "" if text == _ABSENT else text


def _defect(error: Exception) -> str:
    """Describe the defect; a path into the text would name a sender's keys."""
    if isinstance(error, msgspec.ValidationError):
        return f"invalid json: {str(error).partition(' - at ')[0]}"
    if isinstance(error, msgspec.DecodeError | RecursionError):
        return "invalid json: malformed"
    return "not base64 of UTF-8"


def _failure(*messages: Json) -> AdapterError:
    return AdapterError(FailureKind.ADAPTER_FAILURES, list(messages))
