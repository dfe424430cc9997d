"""The least that an enricher must do for an event: Thrift, JSON, schemas, the user agent; by the same libraries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from jsonschema_rs import Draft4Validator
from ua_parser.core import Domain
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

from services.enricher.fields.parameters import decode_base64
from wire.collector_payload import decode

_FORMATS = {"uuid": lambda text: len(text) == 36}

_KEYS = ("co", "cx", "ue_pr", "ue_px")
_USER_AGENTS_KEPT = 5_000

type Sdj = dict[str, Any]

FLOOR = "floor, record by record"
_parse, _dump = msgspec.json.Decoder(dict[str, Any]).decode, msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Prepared:
    """One record and what its steps need, so that nothing else is in them."""

    record: bytes
    body: str
    texts: list[bytes | str]
    wrappers: list[Sdj]
    checks: list[tuple[Callable[[object], bool], object]]
    agents: list[str]


def prepare(records: Sequence[bytes], schemas: Path) -> list[Prepared]:
    """Read everything once."""
    validators = _Validators(schemas)
    return [_prepare(record, validators) for record in records]


def _prepare(record: bytes, validators: "_Validators") -> Prepared:
    payload = decode(record)
    batch = _parse(payload.body or "")
    texts = [text for event in batch["data"] for text in _entities(event)]
    wrappers = [_parse(text) for text in texts]
    inner = [each for wrapper in wrappers for each in _list(wrapper["data"])]
    checks = [(validators.of(each), each["data"]) for each in (batch, *wrappers, *inner)]
    return Prepared(
        record, payload.body or "", texts, wrappers, checks, [payload.user_agent or ""] * len(batch["data"])
    )


def steps(prepared: Sequence[Prepared]) -> dict[str, Callable[[], object]]:
    """Return what to call for each step over all records, and for the floor: all steps of a record, then the next."""
    parse_user_agent = _user_agent_parser()

    def floor() -> None:
        for each in prepared:
            decode(each.record)
            _parse(each.body)
            for text in each.texts:
                _parse(text)
            for wrapper in each.wrappers:
                _dump(wrapper)
            for valid, data in each.checks:
                valid(data)
            for agent in each.agents:
                parse_user_agent(agent)

    return {
        "Thrift, decoded": lambda: [decode(each.record) for each in prepared],
        "JSON, parsed: the body": lambda: [_parse(each.body) for each in prepared],
        "JSON, parsed: contexts and events": lambda: [_parse(text) for each in prepared for text in each.texts],
        "JSON, dumped": lambda: [_dump(wrapper) for each in prepared for wrapper in each.wrappers],
        "schemas, validated": lambda: [valid(data) for each in prepared for valid, data in each.checks],
        "user agent, found among the last": lambda: [
            parse_user_agent(agent) for each in prepared for agent in each.agents
        ],
        FLOOR: floor,
    }


def _user_agent_parser() -> Callable[[str], object]:
    resolver = Resolver(load_lazy_builtins())
    return lru_cache(_USER_AGENTS_KEPT)(lambda agent: resolver(agent, Domain.ALL))


def _list(data: Any) -> list[Sdj]:
    return data if isinstance(data, list) else [data]


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
