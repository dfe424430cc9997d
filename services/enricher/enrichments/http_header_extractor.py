"""http_header_extractor: the request's headers whose name fulfils the configured pattern."""

from collections.abc import Callable

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from services.enricher.text.pattern import PatternError, full_match
from wire.self_describing import SchemaKey, SelfDescribing

_SCHEMA = SchemaKey.parse("iglu:org.ietf/http_header/jsonschema/1-0-0")


class _Parameters(msgspec.Struct, rename="camel"):
    headers_pattern: str


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: a context per header, in their order; it never fails. Raises EnrichmentConfigError."""
    pattern = configuration.read(_Parameters).headers_pattern
    try:
        name_is_wanted = full_match(pattern)
    except PatternError as defect:
        raise configuration.error("parameters.headersPattern", str(defect)) from None

    def run(event: Enrichable) -> None:
        split = (header.partition(":") for header in event.headers)
        event.derive(*(_context(name, value) for name, colon, value in split if colon and name_is_wanted(name)))

    return run


def _context(name: str, value: str) -> SelfDescribing:
    return SelfDescribing(_SCHEMA, {"name": name.strip(), "value": value.strip()})
