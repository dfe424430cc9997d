"""A plan's values as the rest may see them: no sensitive value, and unknown ones marked.

`terraform show -json` prints sensitive values in clear and says beside them, in trees of the same shape, which they
are (developer.hashicorp.com/terraform/internals/json-format). No other file sees the values before that is applied.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST_SECRET = 6
HIDDEN_TEXT = "(sensitive)"
_PROCESS_KEY = os.urandom(16)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A sensitive value: two are equal if the values were, and nothing else follows from it."""

    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, value: Any) -> Hidden:
        """Return the mark that stands for `value`."""
        text = json.dumps(value, sort_keys=True).encode()
        return cls(hashlib.blake2b(text, key=_PROCESS_KEY, digest_size=16).digest())

    def __str__(self) -> str:
        return HIDDEN_TEXT


class Unknown:
    """A value that is known only after apply."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown()


def hide(value: Any, marks: Any) -> Any:
    """Return `value` with every part that `marks` (true, or a tree of the value's shape) calls sensitive as Hidden."""
    if marks is True:
        return None if value is None else Hidden.of(value)
    if isinstance(value, dict) and isinstance(marks, dict):
        return {key: hide(part, marks.get(key)) for key, part in value.items()}
    if isinstance(value, list) and isinstance(marks, list):
        return [hide(part, marks[i] if i < len(marks) else None) for i, part in enumerate(value)]
    return value


def mark_unknown(value: Any, unknown: Any) -> Any:
    """Return `value` with UNKNOWN wherever `unknown` (true, or a tree of the value's shape) says so."""
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, dict) and isinstance(value, dict | None):
        value = value or {}
        return value | {key: mark_unknown(value.get(key), part) for key, part in unknown.items() if part}
    if isinstance(unknown, list) and isinstance(value, list):
        return [mark_unknown(part, unknown[i] if i < len(unknown) else False) for i, part in enumerate(value)]
    return value


def secrets(value: Any, marks: Any) -> Iterator[str]:
    """Yield the texts inside the parts of `value` that `marks` calls sensitive, if long enough to be distinguished."""
    if marks is True:
        for text in _texts(value):
            if len(text) >= SHORTEST_SECRET:
                yield text
    elif isinstance(value, dict) and isinstance(marks, dict):
        for key, part in value.items():
            yield from secrets(part, marks.get(key))
    elif isinstance(value, list) and isinstance(marks, list):
        for part, part_marks in zip(value, marks, strict=False):
            yield from secrets(part, part_marks)


class Scrubber:
    """Removes known secrets from texts that Terraform does not call sensitive: a provider may repeat one elsewhere."""

    def __init__(self, texts: set[str]) -> None:
        # Also as it stands inside a JSON text, such as a policy.
        forms = texts | {json.dumps(text)[1:-1] for text in texts}
        longest_first = sorted(forms, key=lambda text: (-len(text), text))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def scrub(self, value: Any) -> Any:
        """Return `value` without the secrets, in keys and texts alike."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self._pattern.sub(HIDDEN_TEXT, value)
        if isinstance(value, dict):
            return {self.scrub(key): self.scrub(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.scrub(part) for part in value]
        return value


def blocks(value: Any) -> list[dict[str, Any]]:
    """Return the blocks in an attribute; none of one that is absent, hidden or unknown as a whole."""
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def is_veiled(value: Any) -> bool:
    """Return whether a value cannot be compared: it is hidden, or known only after apply."""
    return value is UNKNOWN or isinstance(value, Hidden)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and value of each part that is neither object nor list."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from leaves(part, f"{path}[{i}]")
    else:
        yield path, value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield value
        yield from value.splitlines() if "\n" in value else ()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
