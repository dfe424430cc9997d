"""api_request: contexts from a service's answer to what the event says."""

import re
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import quote_plus

import msgspec

from services.enricher.enrichments.configuration import Configuration, Field, JsonField
from services.enricher.enrichments.enrichable import Enrichable, simple
from services.enricher.enrichments.entity_cells import entities
from services.enricher.enrichments.http_api import ApiError, Cache, Client, Request
from services.enricher.enrichments.json_path import Path
from services.enricher.text import exact_json
from wire.columns import INDEX
from wire.self_describing import Criterion, SchemaKey, SelfDescribing

_KEY = re.compile(r"\{\{([^{}]*)\}\}")
_WITH_BODY = {"POST", "PUT"}
_MILLISECONDS = 1000


class _Input(msgspec.Struct):
    key: str
    pojo: Field | None = None
    json: JsonField | None = None


class _Basic(msgspec.Struct):
    username: str
    password: str


class _Authentication(msgspec.Struct, rename="camel"):
    http_basic: _Basic | None = None


class _Http(msgspec.Struct):
    method: str
    uri: str
    timeout: int
    authentication: _Authentication


class _Api(msgspec.Struct):
    http: _Http


class _JsonOutput(msgspec.Struct, rename="camel"):
    json_path: str


class _Output(msgspec.Struct):
    schema: str
    json: _JsonOutput


class _Cache(msgspec.Struct):
    size: int
    ttl: int


class _Parameters(msgspec.Struct, rename="camel"):
    inputs: list[_Input]
    api: _Api
    outputs: list[_Output]
    cache: _Cache
    ignore_on_error: bool | None = None


type _Read = Callable[[Enrichable], object]


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: a context per output. Raises EnrichmentConfigError."""
    parameters = configuration.read(_Parameters)
    http = parameters.api.http
    if not http.uri.startswith(("http://", "https://")):
        raise configuration.error("parameters.api.http.uri", "begins with neither http:// nor https://")
    basic = http.authentication.http_basic
    client = Client(http.timeout / _MILLISECONDS, (basic.username, basic.password) if basic else None)
    cache = Cache(parameters.cache.size, parameters.cache.ttl)
    try:
        inputs = [(item.key, _input(item)) for item in parameters.inputs]
        outputs = [(SchemaKey.parse(each.schema), Path.parse(each.json.json_path)) for each in parameters.outputs]
    except ValueError as defect:
        raise configuration.error("parameters", str(defect)) from None

    def run(event: Enrichable) -> None:
        found: dict[str, object] = {}
        for key, read in inputs:
            value = read(event)
            if value is not None or key not in found:  # of inputs with the same key the last that is there counts
                found[key] = value
        request = _request(http, found)
        if request is None:
            return
        try:
            answer = cache.get(request, client.call)
            event.derive(*(SelfDescribing(schema, _extract(path, answer)) for schema, path in outputs))
        except ApiError as error:
            if not parameters.ignore_on_error:
                raise simple(str(error)) from None

    return run


def _input(item: _Input) -> _Read:
    """Return the function that reads an input of an event; None is not an input. Raises ValueError."""
    if item.pojo is not None:
        column = item.pojo.field
        if column not in INDEX:
            raise ValueError(f"inputs: {item.key}: {column} is not a column")
        return lambda event: event[column] or None
    if item.json is None:
        raise ValueError(f"inputs: {item.key}: neither pojo nor json")
    column, criterion = item.json.field, Criterion.parse(item.json.schema_criterion)
    path = Path.parse(item.json.json_path)
    return lambda event: _in_json(event, column, criterion, path)


def _in_json(event: Enrichable, column: str, criterion: Criterion, path: Path) -> object:
    candidates = event.derived if column == "derived_contexts" else entities(event[column])
    entity = next((each for each in candidates if criterion.matches(each.schema)), None)
    return None if entity is None else next((found for _, found in path.find(entity.data)), None)


def _request(http: _Http, inputs: dict[str, object]) -> Request | None:
    """Return the call for these inputs; None if one is missing, no simple value, or the address needs another."""
    texts = {key: _text(value) for key, value in inputs.items()}
    if any(text is None for text in texts.values()):
        return None
    url = _KEY.sub(lambda match: quote_plus(texts[match[1]] or "") if match[1] in texts else match[0], http.uri)
    if "{" in url or "}" in url:
        return None
    body = exact_json.dump(texts) if http.method in _WITH_BODY else None
    return Request(http.method, url, body)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | Decimal) else None


def _extract(path: Path, answer: object) -> object:
    found = [value for _, value in path.find(answer)]
    if not found:
        raise ApiError("the API's answer holds nothing at an output's JSON path")
    return found[0] if len(found) == 1 else found
