"""cookie_extractor: the request's cookies of the configured names."""

import re
from collections.abc import Callable, Iterator

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from wire.self_describing import SchemaKey, SelfDescribing

_SCHEMA = SchemaKey.parse("iglu:org.ietf/http_cookie/jsonschema/1-0-0")
# A value in quotes may hold semicolons; one whose quotes do not end is taken as it is.
_COOKIE = re.compile(r'([^;=]*+)(?:=\s*+(?:"((?:[^"\\]|\\.)*+)"\s*+(?=;|$)|([^;]*+)))?(?:;|$)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class _Parameters(msgspec.Struct):
    cookies: list[str]


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: a context per cookie, in the order of the header; it never fails."""
    names = frozenset(configuration.read(_Parameters).cookies)

    def run(event: Enrichable) -> None:
        for header in event.headers:
            if header[:6].lower() == "cookie":
                name, _, text = header.partition(":")
                if name.strip().lower() == "cookie":
                    event.derive(*(_context(*cookie) for cookie in cookies(text) if cookie[0] in names))

    return run


def cookies(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield name and value of each cookie; the value is None where no `=` stands."""
    for match in _COOKIE.finditer(text):
        name = match[1].strip()
        if not name:
            continue
        quoted, plain = match[2], match[3]
        if quoted is not None:
            yield name, _ESCAPE.sub(r"\1", quoted)
        else:
            yield name, None if plain is None else plain.strip()


def _context(name: str, value: str | None) -> SelfDescribing:
    return SelfDescribing(_SCHEMA, {"name": name, "value": value})
