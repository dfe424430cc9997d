"""event_fingerprint: a hash over what the tracker sent, the same for the same event sent twice."""

import hashlib
from collections.abc import Callable, Mapping

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from wire.columns import INDEX

_SEPARATOR = "\x1f"
_COLUMN = INDEX["event_fingerprint"]


class _Parameters(msgspec.Struct, rename="camel"):
    exclude_parameters: list[str]
    hash_algorithm: str


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: `event_fingerprint` in lower-case hex; it never fails."""
    parameters = configuration.read(_Parameters)
    excluded = frozenset(parameters.exclude_parameters)
    algorithm = parameters.hash_algorithm.lower()

    def run(event: Enrichable) -> None:
        event.cells[_COLUMN] = fingerprint(event.parameters, excluded, algorithm)

    return run


def fingerprint(parameters: Mapping[str, str | None], excluded: frozenset[str], algorithm: str) -> str:
    """Hash key and value of each parameter that has one, in the order of their keys' UTF-16 code units."""
    order = None if "".join(parameters).isascii() else _utf16
    text = "".join(
        f"{key}{_SEPARATOR}{parameters[key]}{_SEPARATOR}"
        for key in sorted(parameters, key=order)
        if key not in excluded and parameters[key] is not None
    )
    return hashlib.new(algorithm, text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")
