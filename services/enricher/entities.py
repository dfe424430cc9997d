"""The self-describing entities of an event: its contexts and its unstruct event as Enrich 6.x validates them."""

from typing import Any

from msgspec import Struct

from services.enricher import json_text
from services.enricher.iglu import Iglu
from services.enricher.json_text import JsonText, JsonTextError
from wire.failed_events import Json, criterion_mismatch, not_iglu, not_json
from wire.self_describing import Criterion, SchemaKey, SelfDescribing, SelfDescribingError

_CONTEXTS = Criterion.parse("iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-*")
_CONTEXTS_WRITTEN = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1"
_UNSTRUCT = Criterion.parse("iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-*")
_UNSTRUCT_WRITTEN = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"


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
    inner = _open("contexts", text, _CONTEXTS, iglu, max_depth, result.faults)
    if inner is None or not isinstance(inner.value, list) or not isinstance(inner.exact, list):
        return result
    accepted = iglu.accepted
    valid = [
        exact
        for value, exact in zip(inner.value, inner.exact, strict=True)
        if accepted(value) is not None or _validate("contexts", value, exact, iglu, result) is not None
    ]
    if valid:
        result.cell = json_text.dump({"schema": _CONTEXTS_WRITTEN, "data": valid})
    return result


def unstruct(text: str | bytes, iglu: Iglu, max_depth: int = json_text.MAX_DEPTH) -> Entities:
    """Validate the one event in its wrapper."""
    result = Entities()
    inner = _open("unstruct", text, _UNSTRUCT, iglu, max_depth, result.faults)
    if inner is not None:
        result.schema = iglu.accepted(inner.value) or _validate("unstruct", inner.value, inner.exact, iglu, result)
        if result.schema is not None:
            result.cell = json_text.dump({"schema": _UNSTRUCT_WRITTEN, "data": inner.exact})
    return result


def _open(
    source: str, text: str | bytes, criterion: Criterion, iglu: Iglu, max_depth: int, faults: list[Fault]
) -> JsonText | None:
    """Read the wrapper and return its data; the criterion is checked before the wrapper's schema."""
    try:
        parsed = json_text.parse(text, max_depth)
    except JsonTextError as error:
        shown = text.decode(errors="replace") if isinstance(text, bytes) else text
        faults.append(Fault(not_json(source, shown, str(error)), source, shown))
        return None
    value: Any = parsed.value
    if (key := iglu.accepted(value)) is not None and criterion.matches(key):
        exact_wrapper: Any = parsed.exact
        return JsonText(value["data"], exact_wrapper["data"])
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
    """Return the schema that the entity fulfils, which `exact` then names, or add what is wrong.

    `iglu.accepted` has said nothing of it.
    """
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
