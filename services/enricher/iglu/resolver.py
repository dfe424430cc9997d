"""Which registries are asked for a schema, and in what order: Snowplow's resolver configuration, as its own JSON.

Source: `iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-0` to `1-0-3`.
"""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from services.enricher.iglu.registries import (
    BucketRegistry,
    Directory,
    HttpRegistry,
    LookupFailure,
    Registry,
    RegistryError,
)
from services.enricher.iglu.schema import Schema
from wire.failed_events import Json
from wire.instants import instant
from wire.self_describing import Criterion, SchemaKey, SchemaKeyError

_log = logging.getLogger(__name__)
_RESOLVER_CONFIG = Criterion.parse("iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-*")
OWN_REGISTRY = "Snowveil static registry"

# A registry that did not answer in time is asked again after so long.
_REST_SECONDS = 60.0
_RESTING = LookupFailure("RepoFailure", "not asked: it gave no answer a moment ago")

type Name = Annotated[str, Meta(min_length=1)]


class _Http(Struct, frozen=True, forbid_unknown_fields=True):
    uri: Annotated[str, Meta(pattern="^(https?|s3)://[^/]")]
    apikey: str | None = None


class _Embedded(Struct, frozen=True, forbid_unknown_fields=True):
    path: Name


class _Connection(Struct, frozen=True, forbid_unknown_fields=True):
    http: _Http | None = None
    embedded: _Embedded | None = None


class _Repository(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    name: Name
    priority: int
    vendor_prefixes: list[str]
    connection: _Connection

    def __post_init__(self) -> None:
        if (self.connection.http is None) == (self.connection.embedded is None):
            raise ValueError("connection is either http or embedded")


class _Data(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    cache_size: Annotated[int, Meta(ge=0)]
    repositories: list[_Repository]
    cache_ttl: Annotated[int, Meta(ge=0)] | None = None


class _Document(Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    data: _Data


@dataclass(slots=True)
class _Place:
    name: str
    priority: int
    vendor_prefixes: tuple[str, ...]
    registry: Registry
    rests_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A schema, or where it was not found.

    `is_local` says that no registry elsewhere was asked, `is_unanswered` that one was asked and gave no answer. Without
    a schema, `failures` are those of the registries that gave no answer or one that is not a schema.
    """

    schema: Schema | None
    history: tuple[Json, ...] = ()
    is_local: bool = True
    failures: tuple[LookupFailure, ...] = ()
    is_unanswered: bool = False


class Resolver:
    """The bundle's own registry and those of a resolver configuration, if there is one.

    Raises RegistryError: the file, or a directory that it names, cannot be used.
    """

    def __init__(self, own: Path, configuration: Path | None = None) -> None:
        self.cache_size, self.ttl_seconds = 0, None
        places = [_Place(OWN_REGISTRY, 0, (), Directory(own))]
        if configuration is not None:
            data = _read(configuration)
            self.cache_size, self.ttl_seconds = data.cache_size, data.cache_ttl
            places += [_place(repository) for repository in data.repositories]
        self._places = places

    def lookup(self, key: SchemaKey, attempt: int = 1, *, is_last: bool = False) -> Answer:
        """Ask the registries in turn until one has the schema.

        `attempt` counts the times that this schema was asked for. After the last one a registry that gave no answer is
        not asked for a minute. Raises SchemaError.
        """
        history: list[Json] = []
        failures: list[LookupFailure] = []
        asked_elsewhere = unanswered = False
        for place in sorted(self._places, key=lambda place: _rank(place, key.vendor)):
            asked_elsewhere |= not place.registry.is_local
            found = _RESTING if time.monotonic() < place.rests_until else place.registry.lookup(key)
            if isinstance(found, Schema):
                return Answer(found, is_local=not asked_elsewhere, is_unanswered=unanswered)
            if found.error != "NotFound":
                failures.append(found)
            if found.error == "RepoFailure" and found is not _RESTING:
                unanswered = True
                _log.warning("registry %s: %s: %s", place.name, found.error, found.message)
                if is_last:
                    place.rests_until = time.monotonic() + _REST_SECONDS
            history.append(_attempt(place.name, found, attempt))
        history.sort(key=lambda attempt: str(attempt["repository"]))
        return Answer(
            None,
            tuple(history),
            is_local=not asked_elsewhere,
            failures=tuple(failures),
            is_unanswered=unanswered,
        )

    @property
    def broken(self) -> list[str]:
        """What is wrong with files of the directories among the registries, one line each."""
        directories = (place.registry for place in self._places if isinstance(place.registry, Directory))
        return [line for directory in directories for line in directory.broken]


def _rank(place: _Place, vendor: str) -> tuple[bool, bool, int]:
    """Sort key of Iglu's client: who claims the vendor, then what is embedded, then the priority."""
    claims = any(vendor.startswith(prefix) for prefix in place.vendor_prefixes)
    return not claims, not place.registry.is_local, place.priority


def _attempt(name: str, failure: LookupFailure, attempts: int) -> Json:
    said = {} if failure.message is None else {"message": failure.message}
    error: Json = {"error": failure.error, **said}
    now = instant(time.time_ns() // 1_000_000)
    return {"repository": name, "errors": [error], "attempts": attempts, "lastAttempt": now}


def _read(file: Path) -> _Data:
    try:
        document = msgspec.json.decode(file.read_bytes(), type=_Document)
        if not _RESOLVER_CONFIG.matches(SchemaKey.parse(document.schema)):
            raise RegistryError(f"{file}: schema: not {_RESOLVER_CONFIG}")
    except OSError as error:
        raise RegistryError(f"{file}: {error.strerror}; set iglu.resolver to a file or leave it out") from None
    except SchemaKeyError:
        raise RegistryError(f"{file}: schema: not {_RESOLVER_CONFIG}") from None
    except msgspec.DecodeError as error:
        defect, _, path = str(error).partition(" - at ")
        raise RegistryError(f"{file}: {path.strip('`') or 'the file'}: {defect}") from None
    names = [repository.name for repository in document.data.repositories]
    if len(set(names)) < len(names) or OWN_REGISTRY in names:
        raise RegistryError(f"{file}: data.repositories: each needs a name of its own")
    return document.data


def _place(repository: _Repository) -> _Place:
    connection = repository.connection
    registry: Registry
    if connection.embedded is not None:
        registry = Directory(Path(connection.embedded.path))
    elif connection.http is not None and connection.http.uri.startswith("s3://"):
        registry = BucketRegistry(connection.http.uri)
    else:
        assert connection.http is not None  # noqa: S101 - one of both, as the structure's own check says
        registry = HttpRegistry(connection.http.uri, connection.http.apikey)
    return _Place(repository.name, repository.priority, tuple(repository.vendor_prefixes), registry)
