"""Where schemas are copied from: a registry over HTTP, or a directory of one such as a checkout of Iglu Central."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
import urllib3

from services.enricher.iglu.registries import RegistryError
from wire.self_describing import SchemaKey, SchemaKeyError

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1_000_000  # bytes of one schema
_LARGEST_LIST = 20_000_000
_RETRIES = urllib3.Retry(3, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False)


class Source(Protocol):
    """A place that schemas are copied from."""

    def keys(self) -> Iterator[SchemaKey]:
        """Yield the key of each schema that it has. Raises RegistryError."""
        ...

    def read(self, key: SchemaKey) -> bytes:
        """Return a schema as it is published. Raises RegistryError."""
        ...


class DirectorySource:
    """A directory `<vendor>/<name>/jsonschema/<version>`, or one that has it below `schemas/`."""

    def __init__(self, directory: Path) -> None:
        self._root = directory / "schemas" if (directory / "schemas").is_dir() else directory
        if not self._root.is_dir():
            raise RegistryError(f"{directory}: no such directory; name a registry's checkout or its address")

    def keys(self) -> Iterator[SchemaKey]:
        """Yield the key of each file at a schema's place."""
        for file in sorted(self._root.glob("*/*/jsonschema/*-*-*")):
            try:
                yield SchemaKey.parse(f"iglu:{file.relative_to(self._root).as_posix()}")
            except SchemaKeyError:
                continue

    def read(self, key: SchemaKey) -> bytes:
        """Read the file at the schema's place."""
        try:
            with (self._root / key.path).open("rb") as file:
                return _bounded(file.read(LARGEST + 1), key)
        except OSError as error:
            raise RegistryError(f"{self._root / key.path}: {error.strerror}") from None


class HttpSource:
    """A registry that answers `GET <uri>/schemas/<key>`; an Iglu Server also lists its keys at `/api/schemas`."""

    def __init__(self, uri: str) -> None:
        self._uri = uri.rstrip("/")
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=20), retries=_RETRIES)

    def keys(self) -> Iterator[SchemaKey]:
        """Yield the keys that an Iglu Server lists."""
        text = self._get(f"{self._uri}/api/schemas", _LARGEST_LIST)
        try:
            listed = msgspec.json.decode(text, type=list[str])
        except msgspec.DecodeError:
            raise RegistryError(
                f"{self._uri}: lists no keys; give --keys FILE, or a checkout of the registry"
            ) from None
        for line in listed:
            yield SchemaKey.parse(line)

    def read(self, key: SchemaKey) -> bytes:
        """Fetch one schema."""
        return _bounded(self._get(f"{self._uri}/schemas/{key.path}", LARGEST), key)

    def _get(self, uri: str, most: int) -> bytes:
        try:
            answer = self._pool.request("GET", uri, preload_content=False)
            try:
                text = answer.read(most + 1)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise RegistryError(f"{uri}: {type(error).__name__}; is the address right?") from None
        if answer.status != 200:
            hint = "; it lists no keys: give --keys FILE, or a checkout" if uri.endswith("/api/schemas") else ""
            raise RegistryError(f"{uri}: answers {answer.status}{hint}")
        return text


def source(text: str) -> Source:
    """Return the source that an operator names: an address or a directory. Raises RegistryError."""
    return HttpSource(text) if text.startswith(("http://", "https://")) else DirectorySource(Path(text))


def keys_of(file: Path) -> list[SchemaKey]:
    """Return the keys that a file lists, one a line, with or without `iglu:`. Raises RegistryError."""
    try:
        lines = [line.split("#")[0].strip() for line in file.read_text().splitlines()]
        return [SchemaKey.parse(f"iglu:{line.removeprefix('iglu:')}") for line in lines if line]
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(f"{file}: {error}") from None
    except SchemaKeyError as error:
        raise RegistryError(f"{file}: {error}; write vendor/name/jsonschema/1-0-0, one a line") from None


def _bounded(text: bytes, key: SchemaKey) -> bytes:
    if len(text) > LARGEST:
        raise RegistryError(f"{key}: longer than {LARGEST} bytes")
    return text
