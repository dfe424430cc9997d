"""The Iglu webhook, `/com.snowplowanalytics.iglu/v1`: any system's data under a schema that its URL or body names."""

from collections.abc import Mapping

from services.enricher.adapters.adapter_error import AdapterError
from services.enricher.text import exact_json, querystring
from services.enricher.text.exact_json import ExactJsonError
from services.enricher.text.querystring import Pairs, QuerystringError
from wire.failed_events import FailureKind, Json, input_data, not_iglu, not_json
from wire.self_describing import SchemaKey, SchemaKeyError, SelfDescribing, SelfDescribingError

_UNSTRUCT = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"
_TRACKER_VERSION = "com.snowplowanalytics.iglu-v1"
_JSON = ("application/json", "application/json; charset=utf-8")
_FORM = "application/x-www-form-urlencoded"
_EXPECTED_JSON = f"expected one of {', '.join(_JSON)}"
_EXPECTED = f"{_EXPECTED_JSON}, {_FORM}"
_NOT_DATA = ("schema", "nuid", "aid", "cv", "p")
_PASSED_ON = ("nuid", "aid", "cv", "eid", "ttm", "url")


def events(pairs: Pairs, body: str | None, content_type: str | None, max_depth: int) -> list[Mapping[str, str | None]]:
    """Return the parameters of each event, one at least. Raises AdapterError."""
    sent = dict(pairs)
    if body is not None and content_type is None:
        raise _failure(input_data("contentType", None, _EXPECTED))
    schema = sent.get("schema")
    if schema is None:
        return [_event(sent, _self_describing(body, content_type, max_depth))]
    try:
        SchemaKey.parse(schema)
    except SchemaKeyError as error:
        raise _failure(input_data("schema", schema, error.code)) from None
    if body is None:
        data = {name: value or None for name, value in sent.items() if name not in _NOT_DATA}
        return [_event(sent, {"schema": schema, "data": data})]
    if content_type == _FORM:
        return [_event(sent, {"schema": schema, "data": _of_form(body)}, platform="srv")]
    if content_type not in _JSON:
        raise _failure(input_data("contentType", content_type, _EXPECTED))
    return [_event(sent, {"schema": schema, "data": data}) for data in _of_json(body, max_depth)]


def _self_describing(body: str | None, content_type: str | None, max_depth: int) -> Json:
    if body is None:
        raise _failure(input_data("schema", None, "empty `schema` field"), input_data("body", None, "empty body"))
    if content_type not in _JSON:
        raise _failure(input_data("contentType", content_type, _EXPECTED_JSON))
    exact = _parse(body, max_depth)
    try:
        schema = SelfDescribing.parse(exact).schema
    except SelfDescribingError as error:
        raise _failure(not_iglu(exact, error.code)) from None
    return {"schema": str(schema), "data": exact["data"] if isinstance(exact, dict) else None}


def _of_json(body: str, max_depth: int) -> list[object]:
    """Return the data of each event: each element of an array, or the whole."""
    data = _parse(body, max_depth)
    if data == []:
        raise _failure(input_data("body", body, "empty array of events"))
    if isinstance(data, list):
        return data
    if not data or not isinstance(data, dict):
        raise _failure(input_data("body", body, "has no key-value pairs"))
    return [data]


def _of_form(body: str) -> dict[str, str | None]:
    """Return the pairs of a form, which Enrich reads as the querystring of a URI."""
    try:
        return dict(querystring.parse(body))
    except QuerystringError:
        raise _failure(input_data("body", body, "Illegal character in query")) from None


def _parse(body: str, max_depth: int) -> object:
    try:
        return exact_json.parse(body, max_depth).exact
    except ExactJsonError as error:
        raise _failure(not_json("body", body, str(error))) from None


def _event(sent: Mapping[str, str | None], entity: Json, platform: str = "app") -> dict[str, str | None]:
    return {
        "e": "ue",
        "tv": _TRACKER_VERSION,
        "p": sent.get("p", platform),
        "ue_pr": exact_json.dump({"schema": _UNSTRUCT, "data": entity}),
        **{name: sent[name] for name in _PASSED_ON if name in sent},
    }


def _failure(*messages: Json) -> AdapterError:
    return AdapterError(FailureKind.ADAPTER_FAILURES, list(messages))
