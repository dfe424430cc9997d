"""The least that an enricher must do for an event: Thrift, JSON, schemas, the user agent; by the same libraries."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec
from jsonschema_rs import Draft4Validator
from ua_parser.core import Domain
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

from services.enricher.parameters import decode_base64
from wire.collector_payload import decode

_FORMATS = {"uuid": lambda text: len(text) == 36}

_KEYS = ("co", "cx", "ue_pr", "ue_px")
_USER_AGENTS_KEPT = 5_000

type Sdj = dict[str, object]


def steps(records: Sequence[bytes], schemas: Path) -> dict[str, Callable[[], object]]:
    """Return what to call for each step over all records, prepared so that nothing else is in it."""
    parse, dump = msgspec.json.Decoder().decode, msgspec.json.encode
    payloads = [decode(record) for record in records]
    bodies = [payload.body or "" for payload in payloads]
    batches = [parse(body) for body in bodies]
    texts = [text for batch in batches for event in batch["data"] for text in _entities(event)]
    wrappers = [parse(text) for text in texts]
    validators = _Validators(schemas)
    checks = [(validators.of(each), each["data"]) for each in [*batches, *wrappers]]
    for wrapper in wrappers:
        inner = wrapper["data"] if isinstance(wrapper["data"], list) else [wrapper["data"]]
        checks += [(validators.of(each), each["data"]) for each in inner]
    agents = [payload.user_agent or "" for payload, batch in zip(payloads, batches, strict=True) for _ in batch["data"]]
    resolver = Resolver(load_lazy_builtins())
    parse_user_agent = lru_cache(_USER_AGENTS_KEPT)(lambda agent: resolver(agent, Domain.ALL))
    return {
        "Thrift, decoded": lambda: [decode(record) for record in records],
        "JSON, parsed: the body": lambda: [parse(body) for body in bodies],
        "JSON, parsed: contexts and events": lambda: [parse(text) for text in texts],
        "JSON, dumped": lambda: [dump(wrapper) for wrapper in wrappers],
        "schemas, validated": lambda: [valid(data) for valid, data in checks],
        "user agent, parsed or found among the last": lambda: [parse_user_agent(agent) for agent in agents],
    }


def _entities(event: dict[str, str]) -> list[bytes | str]:
    return [decode_base64(event[key]) if key in ("cx", "ue_px") else event[key] for key in _KEYS if key in event]


class _Validators:
    def __init__(self, schemas: Path) -> None:
        self._schemas = schemas
        self._compiled: dict[object, Callable[[object], bool]] = {}

    def of(self, value: Sdj) -> Callable[[object], bool]:
        uri = str(value["schema"])
        if uri not in self._compiled:
            schema = msgspec.json.decode((self._schemas / uri.removeprefix("iglu:")).read_bytes())
            del schema["self"], schema["$schema"]
            self._compiled[uri] = Draft4Validator(schema, validate_formats=True, formats=_FORMATS).is_valid
        return self._compiled[uri]
