"""event_fingerprint: a hash over what the tracker sent, the same for the same event sent twice."""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from wire.columns import INDEX

if TYPE_CHECKING:
    from hashlib import _Hash

_SEPARATOR = "\x1f"
_KEYS_KEPT, _KEYS_LENGTH = 256, 500
_COLUMN = INDEX["event_fingerprint"]
_ALGORITHMS = {
    "MD5": hashlib.md5,
    "SHA1": hashlib.sha1,
    "SHA256": hashlib.sha256,
    "SHA384": hashlib.sha384,
    "SHA512": hashlib.sha512,
}


class _Parameters(msgspec.Struct, rename="camel"):
    exclude_parameters: list[str]
    hash_algorithm: str


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: `event_fingerprint` in lower-case hex; it never fails."""
    parameters = configuration.read(_Parameters)
    excluded = frozenset(parameters.exclude_parameters)
    algorithm = _ALGORITHMS[parameters.hash_algorithm]

    def run(event: Enrichable) -> None:
        event.cells[_COLUMN] = fingerprint(event.parameters, excluded, algorithm)

    return run


def fingerprint(
    parameters: Mapping[str, str | None], excluded: frozenset[str], algorithm: "Callable[[bytes], _Hash]"
) -> str:
    """Hash key and value of each parameter that has one, in the order of their keys' UTF-16 code units."""
    keys = tuple(parameters)
    order = _kept_order(keys, excluded) if len("".join(keys)) <= _KEYS_LENGTH else _order(keys, excluded)
    parts: list[str] = []
    for key in order:
        if (value := parameters[key]) is not None:
            parts += key, value
    text = _SEPARATOR.join(parts) + _SEPARATOR if parts else ""
    return algorithm(text.encode("utf-8", "replace")).hexdigest()


def _order(keys: tuple[str, ...], excluded: frozenset[str]) -> list[str]:
    return sorted((key for key in keys if key not in excluded), key=_utf16)


# A tracker sends the same keys again and again; there may be any others, too.
_kept_order = lru_cache(_KEYS_KEPT)(_order)


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")
