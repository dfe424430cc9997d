"""The click redirect, `/r/tp2?u=<url>`: the visit becomes an event, or a context of the event that came with it."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping

from services.enricher.adapters.adapter_error import AdapterError
from services.enricher.fields import parameters
from services.enricher.text import exact_json
from services.enricher.text.exact_json import ExactJsonError
from services.enricher.text.querystring import Pairs
from wire import utf8
from wire.failed_events import FailureKind, Json, input_data, not_iglu, not_json
from wire.self_describing import SNOWPLOW

_CONTEXTS = f"iglu:{SNOWPLOW}/contexts/jsonschema/1-0-1"
_UNSTRUCT = f"iglu:{SNOWPLOW}/unstruct_event/jsonschema/1-0-0"
_URI_REDIRECT = f"iglu:{SNOWPLOW}/uri_redirect/jsonschema/1-0-0"
_TRACKER_VERSION = "r-tp2"


def event(querystring: Pairs, max_depth: int) -> Mapping[str, str | None]:
    """Return the parameters of the one event. Raises AdapterError."""
    if not querystring:
        raise _violation(input_data("querystring", None, "empty querystring: not a valid URI redirect"))
    sent = dict(querystring)
    target = sent.pop("u", None)
    if target is None:
        joined = "&".join(f"{name}={'null' if value is None else value}" for name, value in dict(querystring).items())
        raise _violation(input_data("querystring", joined, "missing `u` parameter: not a valid URI redirect"))
    visit: Json = {"schema": _URI_REDIRECT, "data": {"uri": target}}
    made = {"p": "web", **sent, "tv": _TRACKER_VERSION}
    if "e" not in sent:
        return made | {"e": "ue", "ue_pr": exact_json.dump({"schema": _UNSTRUCT, "data": visit})}
    return made | _contexts(visit, sent, max_depth)


def _contexts(visit: Json, sent: Mapping[str, str | None], max_depth: int) -> dict[str, str]:
    """Return the parameter that holds the visit beside the contexts that were sent; `cx` goes before `co`."""
    for key in ("cx", "co"):
        if key in sent and sent[key] is None:  # Enrich ends with an exception
            raise _violation(input_data(key, None, "a key without a value: not valid contexts"))
        if key in sent:
            break
    if (encoded := sent.get("cx")) is not None:
        contexts = _with(visit, utf8.decode(parameters.decode_base64(encoded)), max_depth)
        return {"cx": urlsafe_b64encode(contexts.encode()).decode()}
    text = sent.get("co")
    return {"co": _with(visit, text, max_depth) if text else exact_json.dump({"schema": _CONTEXTS, "data": [visit]})}


def _with(visit: Json, text: str, max_depth: int) -> str:
    """Return the contexts with the visit before the others."""
    try:
        contexts = exact_json.parse(text, max_depth).exact
    except ExactJsonError as error:
        raise _violation(not_json("co|cx", text, str(error))) from None
    if not isinstance(contexts, dict) or not isinstance(contexts.get("data"), list):
        # The visit has no place in it: refused as a whole, or the URL would be lost.
        raise _violation(not_iglu(contexts, "INVALID_DATA_PAYLOAD"))
    return exact_json.dump({**contexts, "data": [visit, *contexts["data"]]})


def _violation(message: Json) -> AdapterError:
    return AdapterError(FailureKind.TRACKER_PROTOCOL_VIOLATIONS, [message])
