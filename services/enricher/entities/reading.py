"""The self-describing entities of an event: its contexts and its unstruct event as Enrich 6.x validates them."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from services.enricher.entities import fast_path
from services.enricher.entities.fast_path import Form, Usual
from services.enricher.iglu.validation import Iglu
from services.enricher.text import exact_json
from services.enricher.text.exact_json import ExactJson, ExactJsonError
from wire.failed_events import Json, criterion_mismatch, not_iglu, not_json
from wire.self_describing import Criterion, SchemaKey, SelfDescribing, SelfDescribingError

_CONTEXTS = Criterion.parse(f"{fast_path.CONTEXTS.uri}*")
_UNSTRUCT = Criterion.parse(f"{fast_path.UNSTRUCT.uri}*")


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
    """What the general way finds, entity by entity."""

    faults: list[Fault] = []
    superseded: dict[SchemaKey, SchemaKey] = {}


NO_ENTITIES = Entities()


def contexts(texts: Sequence[str | bytes], iglu: Iglu, max_depth: int = exact_json.MAX_DEPTH) -> list[Entities]:
    """Validate the contexts of events; each invalid one is a fault of its own and its valid siblings are kept."""
    return [
        _contexts(text, iglu, max_depth) if each is None else Entities(each.cell)
        for text, each in zip(texts, _usual(texts, fast_path.CONTEXTS, iglu, max_depth), strict=True)
    ]


def unstruct(texts: Sequence[str | bytes], iglu: Iglu, max_depth: int = exact_json.MAX_DEPTH) -> list[Entities]:
    """Validate unstruct events, each in its wrapper."""
    return [
        _unstruct(text, iglu, max_depth) if each is None else Entities(each.cell, SchemaKey.parse(each.schema))
        for text, each in zip(texts, _usual(texts, fast_path.UNSTRUCT, iglu, max_depth), strict=True)
    ]


def _usual(texts: Sequence[str | bytes], form: Form, iglu: Iglu, max_depth: int) -> list[Usual | None]:
    return fast_path.usual(texts, form, iglu) if max_depth > fast_path.DEPTH else [None] * len(texts)


def _contexts(text: str | bytes, iglu: Iglu, max_depth: int) -> Entities:
    found = _Found()
    cell = ""
    inner = _open("contexts", text, max_depth, _CONTEXTS, iglu, found)
    if inner is not None and isinstance(inner.value, list) and isinstance(inner.exact, list):
        valid = [
            _written(exact)
            for value, exact in zip(inner.value, inner.exact, strict=True)
            if _validate("contexts", value, exact, iglu, found) is not None
        ]
        cell = exact_json.dump({"schema": fast_path.CONTEXTS.written, "data": valid}) if valid else ""
    return Entities(cell, None, found.faults, found.superseded)


def _unstruct(text: str | bytes, iglu: Iglu, max_depth: int) -> Entities:
    found = _Found()
    cell, schema = "", None
    inner = _open("unstruct", text, max_depth, _UNSTRUCT, iglu, found)
    if inner is not None:
        schema = _validate("unstruct", inner.value, inner.exact, iglu, found)
        if schema is not None:
            cell = exact_json.dump({"schema": fast_path.UNSTRUCT.written, "data": _written(inner.exact)})
    return Entities(cell, schema, found.faults, found.superseded)


def _written(exact: Any) -> Json:
    """Return a valid entity with its keys in the order in which Enrich writes them, whatever the sender's was."""
    return {"schema": exact["schema"], "data": exact["data"]}


def _open(
    source: str, text: str | bytes, max_depth: int, criterion: Criterion, iglu: Iglu, found: _Found
) -> ExactJson | None:
    """Return the data of the wrapper; the criterion is checked before the wrapper's schema."""
    faults = found.faults
    try:
        parsed = exact_json.parse(text, max_depth)
    except ExactJsonError as error:
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
    return ExactJson(wrapper.data, exact.data)


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
