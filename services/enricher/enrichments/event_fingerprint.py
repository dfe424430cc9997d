"""event_fingerprint: a hash over what the tracker sent, the same for the same event sent twice."""

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from wire.columns import INDEX

if TYPE_CHECKING:
    from hashlib import _Hash

_SEPARATOR = "\x1f"
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
    order = None if "".join(parameters).isascii() else _utf16
    pairs = [pair for pair in parameters.items() if pair[0] not in excluded and pair[1] is not None]
    pairs.sort(key=order)
    text = _SEPARATOR.join([part for pair in pairs for part in pair if part is not None])
    return algorithm((text + _SEPARATOR if pairs else "").encode("utf-8", "replace")).hexdigest()


def _utf16(pair: tuple[str, str | None]) -> bytes:
    return pair[0].encode("utf-16-be", "surrogatepass")
