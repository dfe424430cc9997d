"""The self-describing entities of an event: its contexts and its unstruct event as Enrich 6.x validates them."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from services.enricher import json_text, usual_entities
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


class Entities(Struct, frozen=True, gc=False):
    """What is valid, as the cell's JSON (empty for none), the schema of an unstruct event, and what is wrong.

    `superseded` has the keys whose data was validated with a newer version, which the cell names in their place.
    """

    cell: str = ""
    schema: SchemaKey | None = None
    faults: Sequence[Fault] = ()
    superseded: dict[SchemaKey, SchemaKey] = {}


class _Found(Struct):
    """What is found on the general way, entity by entity."""

    faults: list[Fault] = []
    superseded: dict[SchemaKey, SchemaKey] = {}


NO_ENTITIES = Entities()


def contexts(text: str | bytes, iglu: Iglu, max_depth: int = json_text.MAX_DEPTH) -> Entities:
    """Validate the contexts; each invalid one is a fault of its own and its valid siblings are kept."""
    if max_depth > usual_entities.DEPTH:
        usual = usual_entities.contexts(text, _CONTEXTS_URI, _CONTEXTS_WRITTEN, iglu)
        if usual is not None:
            return Entities(usual)
    found = _Found()
    cell = ""
    inner = _open("contexts", text, max_depth, _CONTEXTS, iglu, found)
    if inner is not None and isinstance(inner.value, list) and isinstance(inner.exact, list):
        valid = [
            _written(exact)
            for value, exact in zip(inner.value, inner.exact, strict=True)
            if _validate("contexts", value, exact, iglu, found) is not None
        ]
        cell = json_text.dump({"schema": _CONTEXTS_WRITTEN, "data": valid}) if valid else ""
    return Entities(cell, None, found.faults, found.superseded)


def unstruct(text: str | bytes, iglu: Iglu, max_depth: int = json_text.MAX_DEPTH) -> Entities:
    """Validate the one event in its wrapper."""
    if max_depth > usual_entities.DEPTH:
        usual = usual_entities.unstruct(text, _UNSTRUCT_URI, _UNSTRUCT_WRITTEN, iglu)
        if usual is not None:
            return Entities(usual[0], SchemaKey.parse(usual[1]))
    found = _Found()
    cell, schema = "", None
    inner = _open("unstruct", text, max_depth, _UNSTRUCT, iglu, found)
    if inner is not None:
        schema = _validate("unstruct", inner.value, inner.exact, iglu, found)
        if schema is not None:
            cell = json_text.dump({"schema": _UNSTRUCT_WRITTEN, "data": _written(inner.exact)})
    return Entities(cell, schema, found.faults, found.superseded)


def _written(exact: Any) -> Json:
    """Return a valid entity with its keys in the order in which Enrich writes them, whatever the sender's was."""
    return {"schema": exact["schema"], "data": exact["data"]}


def _open(
    source: str, text: str | bytes, max_depth: int, criterion: Criterion, iglu: Iglu, found: _Found
) -> JsonText | None:
    """Return the data of the wrapper; the criterion is checked before the wrapper's schema."""
    faults = found.faults
    try:
        parsed = json_text.parse(text, max_depth)
    except JsonTextError as error:
        shown = text.decode(errors="replace") if isinstance(text, bytes) else text
        faults.append(Fault(not_json(source, shown, str(error)), source, shown))
        return None
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


def _validate(source: str, value: object, exact: object, iglu: Iglu, found: _Found) -> SchemaKey | None:
    """Return the schema that the entity fulfils, which `exact` then names, or add what is wrong."""
    try:
        entity = SelfDescribing.parse(value)
    except SelfDescribingError as error:
        found.faults.append(Fault(not_iglu(exact, error.code), source, exact))
        return None
    if (failure := iglu.failure(entity.schema, entity.data)) is not None:
        data = exact.get("data") if isinstance(exact, dict) else exact
        found.faults.append(Fault(failure, source, data))
        return None
    newer = iglu.superseded.get(entity.schema)
    if newer is None or not isinstance(exact, dict):
        return entity.schema
    exact["schema"] = str(newer)
    found.superseded[entity.schema] = newer
    return newer
