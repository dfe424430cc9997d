"""The self-describing entities of an event: its contexts and its unstruct event as Enrich 6.x validates them."""

from typing import Any

from msgspec import Struct

from services.enricher import json_text
from services.enricher.iglu import Iglu
from services.enricher.json_text import JsonText, JsonTextError
from wire.failed_events import Json, criterion_mismatch, not_iglu, not_json
from wire.self_describing import Criterion, SchemaKey, SelfDescribing, SelfDescribingError

_CONTEXTS_URI = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-"
_CONTEXTS, _CONTEXTS_WRITTEN = Criterion.parse(f"{_CONTEXTS_URI}*"), f"{_CONTEXTS_URI}1"
_UNSTRUCT_URI = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-"
_UNSTRUCT, _UNSTRUCT_WRITTEN = Criterion.parse(f"{_UNSTRUCT_URI}*"), f"{_UNSTRUCT_URI}0"


class Fault(Struct, frozen=True):
    """What is wrong: the failed event's message, where it was (`contexts`, `unstruct`), and what was refused."""

    message: Json
    source: str
    data: object


class Entities(Struct):
    """What is valid, as the cell's JSON (empty for none), the schema of an unstruct event, and what is wrong.

    `superseded` has the keys whose data was validated with a newer version, which the cell names in their place.
    """

    cell: str = ""
    schema: SchemaKey | None = None
    faults: list[Fault] = []
    superseded: dict[SchemaKey, SchemaKey] = {}


NO_ENTITIES = Entities()


def contexts(text: str | bytes, iglu: Iglu, max_depth: int = json_text.MAX_DEPTH) -> Entities:
    """Validate the contexts; each invalid one is a fault of its own and its valid siblings are kept."""
    result = Entities()
    parsed = _read("contexts", text, max_depth, result)
    if parsed is None:
        return result
    data = _data_of_wrapper(parsed.value, _CONTEXTS_URI, iglu)
    if type(data) is list and data and _are_accepted(data, iglu):
        exact: Any = parsed.exact
        result.cell = json_text.dump({"schema": _CONTEXTS_WRITTEN, "data": exact["data"]})
        return result
    inner = _open("contexts", parsed, _CONTEXTS, iglu, result)
    if inner is None or not isinstance(inner.value, list) or not isinstance(inner.exact, list):
        return result
    valid = [
        exact
        for value, exact in zip(inner.value, inner.exact, strict=True)
        if _validate("contexts", value, exact, iglu, result) is not None
    ]
    if valid:
        result.cell = json_text.dump({"schema": _CONTEXTS_WRITTEN, "data": valid})
    return result


def unstruct(text: str | bytes, iglu: Iglu, max_depth: int = json_text.MAX_DEPTH) -> Entities:
    """Validate the one event in its wrapper."""
    result = Entities()
    parsed = _read("unstruct", text, max_depth, result)
    if parsed is None:
        return result
    data = _data_of_wrapper(parsed.value, _UNSTRUCT_URI, iglu)
    if _are_accepted([data], iglu):
        result.schema = SchemaKey.parse(data["schema"])
        exact: Any = parsed.exact
        result.cell = json_text.dump({"schema": _UNSTRUCT_WRITTEN, "data": exact["data"]})
        return result
    inner = _open("unstruct", parsed, _UNSTRUCT, iglu, result)
    if inner is not None:
        result.schema = _validate("unstruct", inner.value, inner.exact, iglu, result)
        if result.schema is not None:
            result.cell = json_text.dump({"schema": _UNSTRUCT_WRITTEN, "data": inner.exact})
    return result


def _data_of_wrapper(value: Any, uri: str, iglu: Iglu) -> Any:
    """Return the data of a wrapper of this kind, which is then all that its schema can refuse; None says nothing."""
    if type(value) is dict and type(named := value.get("schema")) is str:
        return value.get("data") if named.startswith(uri) and named in iglu.wrappers else None
    return None


def _are_accepted(values: list[Any], iglu: Iglu) -> bool:
    """Tell that all are self-describing JSONs and valid; False says nothing, `_validate` says why.

    A URI that is known by its text has the form that a wrapper's schema asks for.
    """
    accepts = iglu.accepts
    for value in values:
        if type(value) is not dict or len(value) != 2 or type(uri := value.get("schema")) is not str:
            return False
        if (is_valid := accepts.get(uri)) is None or "data" not in value or not is_valid(value["data"]):
            return False
    return True


def _read(source: str, text: str | bytes, max_depth: int, result: Entities) -> JsonText | None:
    try:
        return json_text.parse(text, max_depth)
    except JsonTextError as error:
        shown = text.decode(errors="replace") if isinstance(text, bytes) else text
        result.faults.append(Fault(not_json(source, shown, str(error)), source, shown))
        return None


def _open(source: str, parsed: JsonText, criterion: Criterion, iglu: Iglu, result: Entities) -> JsonText | None:
    """Return the data of the wrapper; the criterion is checked before the wrapper's schema."""
    faults = result.faults
    try:
        wrapper = SelfDescribing.parse(parsed.value)
        exact = wrapper if parsed.exact is parsed.value else SelfDescribing.parse(parsed.exact)
    except SelfDescribingError as error:
        faults.append(Fault(not_iglu(parsed.exact, error.code), source, parsed.exact))
        return None
    if not criterion.matches(wrapper.schema):
        faults.append(Fault(criterion_mismatch(str(wrapper.schema), str(criterion)), source, exact.data))
        return None
    if (failure := iglu.failure(wrapper.schema, wrapper.data)) is not None:
        faults.append(Fault(failure, source, exact.data))
        return None
    return JsonText(wrapper.data, exact.data)


def _validate(source: str, value: object, exact: object, iglu: Iglu, result: Entities) -> SchemaKey | None:
    """Return the schema that the entity fulfils, which `exact` then names, or add what is wrong."""
    try:
        entity = SelfDescribing.parse(value)
    except SelfDescribingError as error:
        result.faults.append(Fault(not_iglu(exact, error.code), source, exact))
        return None
    if (failure := iglu.failure(entity.schema, entity.data)) is not None:
        data = exact.get("data") if isinstance(exact, dict) else exact
        result.faults.append(Fault(failure, source, data))
        return None
    newer = iglu.superseded.get(entity.schema)
    if newer is None or not isinstance(exact, dict):
        return entity.schema
    exact["schema"] = str(newer)
    result.superseded[entity.schema] = newer
    return newer
