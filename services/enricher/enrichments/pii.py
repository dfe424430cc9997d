"""pii: Snowplow's own pseudonymisation: fields and parts of JSON become a salted digest, before anything is stored.

It is not the pipeline's protection, which is the pseudonymizer's keyed function: it serves who has joined on these
digests before, and the vault, which the event `pii_transformation` tells what each digest stands for.
"""

import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec
from Crypto.Hash import MD2  # OpenSSL no longer has it; it is broken as a hash, and old configurations name it

from services.enricher.enrichments.configuration import Configuration, Field, JsonField
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.enrichments.json_path import Path, Steps
from services.enricher.text import exact_json
from wire.failed_events import Json
from wire.self_describing import Criterion, SchemaKey, SelfDescribing

_JSON_COLUMNS = ("unstruct_event", "contexts", "derived_contexts")
_ANONYMOUS = "sp-anonymous"


class _Pii(msgspec.Struct):
    pojo: Field | None = None
    json: JsonField | None = None


class _Pseudonymize(msgspec.Struct, rename="camel"):
    hash_function: str
    salt: str


class _Strategy(msgspec.Struct):
    pseudonymize: _Pseudonymize


class _Parameters(msgspec.Struct):
    pii: list[_Pii]
    strategy: _Strategy


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in JSON: the column, which of its entities, and the path in their data."""

    column: str
    criterion: Criterion
    path: Path


@dataclass(slots=True)
class _Modifications:
    """What was replaced in one event, in order; it holds originals."""

    pojo: list[Json] = field(default_factory=list)
    json: list[Json] = field(default_factory=list)


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment; it never fails. Raises EnrichmentConfigError."""
    parameters = configuration.read(_Parameters)
    strategy = parameters.strategy.pseudonymize
    digest = digest_function(strategy.hash_function, strategy.salt)
    columns = [item.pojo.field for item in parameters.pii if item.pojo is not None]
    places = [_place(configuration, item.json) for item in parameters.pii if item.json is not None]
    emits = configuration.data["emitEvent"] is True
    anonymous_only = configuration.data.get("anonymousOnly") is True

    def run(event: Enrichable) -> None:
        if anonymous_only and not any(header.lower().startswith(_ANONYMOUS) for header in event.headers):
            return
        done = _Modifications()
        for column in columns:
            if original := event[column]:
                event[column] = digest(original)
                done.pojo.append(_modification(column, original, event[column]))
        for column in _JSON_COLUMNS:
            _replace_in_column(event, column, [place for place in places if place.column == column], digest, done)
        if emits and (done.pojo or done.json):
            pii = {"pojo": done.pojo[::-1], "json": done.json[::-1]}
            event.pii = {
                "pii": {kind: modifications for kind, modifications in pii.items() if modifications},
                "strategy": {"pseudonymize": {"hashFunction": strategy.hash_function}},
            }

    return run


def digest_function(name: str, salt: str) -> Callable[[str], str]:
    """Return the function of text to lower-case hex: the hash of its UTF-8 with the salt behind it."""
    if name == "MD2":
        return lambda text: MD2.new((text + salt).encode()).hexdigest()  # noqa: S303 - the operator's choice, see above
    algorithm = name.replace("-", "").lower()
    return lambda text: hashlib.new(algorithm, (text + salt).encode(), usedforsecurity=False).hexdigest()


def _place(configuration: Configuration, item: JsonField) -> _Place:
    try:
        return _Place(item.field, Criterion.parse(item.schema_criterion), Path.parse(item.json_path))
    except ValueError as defect:
        raise configuration.error(f"parameters.pii: {item.json_path}", str(defect)) from None


def _replace_in_column(
    event: Enrichable, column: str, places: list[_Place], digest: Callable[[str], str], done: _Modifications
) -> None:
    if not places:
        return
    if column == "derived_contexts":
        for position, context in enumerate(event.derived):
            if mine := [place for place in places if place.criterion.matches(context.schema)]:
                entity = {"data": copy.deepcopy(context.data)}  # enrichments share what they derived before
                _replace(entity, entity, context.schema, mine, digest, done)
                event.derived[position] = SelfDescribing(context.schema, entity["data"])
    elif cell := event[column]:
        # Enrich reads the whole column into Java's numbers, whether or not anything in it is replaced.
        written = exact_json.with_big_decimals(cell)
        for value, exact in _pairs(exact_json.parse(cell, exact_json.OWN_DEPTH).value, written):
            schema = SelfDescribing.parse(value).schema
            mine = [place for place in places if place.criterion.matches(schema)]
            _replace(value, exact, schema, mine, digest, done)
        event[column] = exact_json.dump(written)


def _pairs(value: object, exact: object) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Yield each entity of a wrapper, as it is searched and as it is written."""
    inner, written = SelfDescribing.parse(value).data, SelfDescribing.parse(exact).data
    if isinstance(inner, list) and isinstance(written, list):
        yield from zip(inner, written, strict=True)
    elif isinstance(inner, dict) and isinstance(written, dict):
        yield inner, written


def _replace(
    entity: dict[str, object],
    exact: dict[str, object],
    schema: SchemaKey,
    places: list[_Place],
    digest: Callable[[str], str],
    done: _Modifications,
) -> None:
    """Replace text in an entity's data, in the form that is searched and in the one that is written."""
    for place in places:
        for steps, text in list(_texts(place.path, entity["data"])):
            replaced = digest(text)
            _set(entity, ("data", *steps), replaced)
            _set(exact, ("data", *steps), replaced)
            where = {"jsonPath": place.path.text, "schema": str(schema)}
            done.json.append(_modification(place.column, text, replaced) | where)


def _texts(path: Path, data: object) -> Iterator[tuple[Steps, str]]:
    """Yield the text at a path, and that which is an element of an array there, each once."""
    seen: set[Steps] = set()
    for steps, found in path.find(data):
        elements = [(steps, found)] if isinstance(found, str) else []
        if isinstance(found, list):
            elements = [((*steps, index), element) for index, element in enumerate(found) if isinstance(element, str)]
        for place, text in elements:
            if place not in seen:
                seen.add(place)
                yield place, text


def _set(data: object, steps: Steps, text: str) -> None:
    *parents, last = steps
    holder: object = data
    for step in parents:
        holder = holder[step]  # type: ignore[index]  # the path was found here
    holder[last] = text  # type: ignore[index]


def _modification(column: str, original: str, modified: str) -> Json:
    return {"fieldName": column, "originalValue": original, "modifiedValue": modified}
