"""Which schemas failed events asked for and no registry had: their keys, with counts."""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from services.enricher.iglu.registries import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PSEUDONYM = re.compile(r"\b[0-9a-f]{64}\b")


class _Error(msgspec.Struct):
    error: str = ""


class _Message(msgspec.Struct, rename="camel"):
    schema_key: str | None = None
    error: _Error | str | None = None


class _Failure(msgspec.Struct):
    messages: list[_Message] = []


class _Data(msgspec.Struct):
    failure: _Failure


class _FailedEvent(msgspec.Struct):
    data: _Data


_failed_event = msgspec.json.Decoder(_FailedEvent)


def is_hidden(key: str) -> bool:
    """Return whether a name in the key is a pseudonym: the policy names no schema of that vendor or name."""
    return _PSEUDONYM.search(key) is not None


def missing(lines: Iterable[bytes]) -> Counter[str]:
    """Count the keys of schemas that no registry had, over failed events, one a line; other lines count nothing."""
    found: Counter[str] = Counter()
    for line in lines:
        try:
            messages = _failed_event.decode(line).data.failure.messages
        except msgspec.DecodeError:  # another kind of failed event, or no event at all
            continue
        for message in messages:
            unresolved = isinstance(message.error, _Error) and message.error.error == "ResolutionError"
            if message.schema_key is not None and unresolved:
                found[message.schema_key] += 1
    return found


def lines_of(paths: Iterable[Path]) -> Iterator[bytes]:
    """Yield the lines of files, compressed by gzip or not, and of all files below directories. Raises RegistryError."""
    for path in paths:
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                content = file.read_bytes()
                if content.startswith(b"\x1f\x8b"):
                    content = gzip.decompress(content)
            except (OSError, EOFError, zlib.error) as error:
                raise RegistryError(f"{file}: cannot be read: {type(error).__name__}") from None
            yield from content.splitlines()
