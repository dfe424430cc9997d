"""Copy schemas of another registry into one's own: chosen by pattern, pinned by hash, bounded, resumable.

A published schema does not change, so a lock file pins each by the SHA-256 of its bytes:
`{"schemas": {"<vendor>/<name>/jsonschema/<version>": "<64 hexadecimal digits>"}}`. It is committed, so a merge request
shows what was added.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

import msgspec

from services.enricher.iglu.registries import RegistryError
from services.enricher.iglu.schema import SchemaError, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from scripts.iglu_registry.sources import Source
    from scripts.iglu_registry.targets import Target
    from wire.self_describing import SchemaKey

_SAVED_EACH = 25  # schemas after which the lock is written: what an interruption repeats at most

type State = Literal["there", "add", "differs", "unusable"]


class Lock(msgspec.Struct, forbid_unknown_fields=True):
    """The lock file: hash by key."""

    schemas: dict[str, str] = {}


@dataclass(slots=True)
class Mirrored:
    """What became, or would become, of the chosen schemas; `problems` is a line each."""

    there: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_lock(file: Path) -> Lock:
    """Return the lock, an empty one when there is no file. Raises RegistryError."""
    if not file.exists():
        return Lock()
    try:
        return msgspec.json.decode(file.read_bytes(), type=Lock)
    except msgspec.DecodeError as error:
        raise RegistryError(f"{file}: not a lock file: {error}; restore it from git") from None


def write_lock(file: Path, lock: Lock) -> None:
    """Write the lock, sorted by key, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.partial")
    partial.write_text(json.dumps({"schemas": dict(sorted(lock.schemas.items()))}, indent=2) + "\n")
    partial.replace(file)


def choose(keys: Iterable[SchemaKey], patterns: list[str], most: int) -> list[SchemaKey]:
    """Return the keys whose path matches a pattern such as `com.acme.*`. Raises RegistryError for more than `most`."""
    chosen = sorted({key for key in keys if any(fnmatchcase(key.path, each) for each in _whole(patterns))}, key=str)
    if not chosen:
        raise RegistryError(
            f"no schema matches {' '.join(patterns)}; a pattern is compared with vendor/name/format/version"
        )
    if len(chosen) > most:
        raise RegistryError(f"{len(chosen)} schemas match, more than {most}: choose fewer by --select, or raise --max")
    return chosen


def _whole(patterns: list[str]) -> list[str]:
    return [each if each.count("/") == 3 or each.endswith("*") else f"{each}/*" for each in patterns]


def mirror(
    keys: list[SchemaKey],
    source: Source,
    target: Target,
    lock_file: Path,
    *,
    run: bool,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Mirrored:
    """Copy what the target lacks; without `run` only say what would be. Raises RegistryError.

    A schema that is at the target with the locked hash is left alone and not fetched: the same command goes on after an
    interruption. One that differs from its lock, at the source or at the target, is a problem and is not touched.
    """
    lock, result = read_lock(lock_file), Mirrored()
    try:
        for number, key in enumerate(keys):
            _one(key, source, target, lock, result, run=run)
            progress(number + 1, len(keys))
            if run and len(result.added) % _SAVED_EACH == _SAVED_EACH - 1:
                write_lock(lock_file, lock)
    finally:
        if run:
            write_lock(lock_file, lock)
    return result


def _one(key: SchemaKey, source: Source, target: Target, lock: Lock, result: Mirrored, *, run: bool) -> None:
    present, locked = target.read(key), lock.schemas.get(key.path)
    if present is not None and locked == _hash(present):
        result.there.append(key.path)
        return
    text = source.read(key)
    if locked not in (None, _hash(text)):
        result.problems.append(f"{key.path}: the source has other bytes than the lock: a published schema was changed")
        return
    if present is not None and present != text:
        result.problems.append(f"{key.path}: the target has other bytes: remove them, or choose without this schema")
        return
    try:
        compiled(text, key)
    except SchemaError as error:
        result.problems.append(f"{key.path}: {error}")
        return
    if run:
        if present is None:
            target.write(key, text)
        lock.schemas[key.path] = _hash(text)
    result.added.append(key.path)


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
