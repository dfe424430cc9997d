"""cookie_extractor: the request's cookies of the configured names."""

import re
from collections.abc import Callable, Iterator

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from wire.self_describing import SchemaKey, SelfDescribing

_SCHEMA = SchemaKey.parse("iglu:org.ietf/http_cookie/jsonschema/1-0-0")
_WORD = re.compile(r"[^ \t\r\n]++")
_HEADER = "cookie:"
# A piece of a value: blanks, text in quotes, which may not end, or text without quotes and blanks.
_PIECE = re.compile(r'([ \t\r\n]++)|"((?:[^"\\]|\\.)*+)(?:"|\\?$)|([^ \t\r\n";,]++)', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])|(\\.)|[\r\n]', re.DOTALL)
_NAME = re.compile("[^=;,]*+")


class _Parameters(msgspec.Struct):
    cookies: list[str]


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: a context per cookie, in the order of the headers; it never fails."""
    names = frozenset(configuration.read(_Parameters).cookies)

    def run(event: Enrichable) -> None:
        found = [
            _context(*cookie)
            for header in event.headers
            if header[: len(_HEADER)].lower() == _HEADER
            for cookie in cookies(header[len(_HEADER) :])
            if cookie[0] in names
        ]
        if found:
            event.derive(*found)

    return run


def cookies(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield name and value of each cookie, as Apache's HttpClient reads a header's parameters.

    The value is None where no `=` stands. A comma ends the header's value, as it ends an element of other headers.
    """
    place = 0
    while place < len(text):
        match = _NAME.match(text, place)
        name = " ".join(_WORD.findall(match[0]) if match else ())
        place = match.end() if match else place
        value = None
        if text[place : place + 1] == "=":
            value, place = _value(text, place + 1)
        yield name, value
        if text[place : place + 1] == ",":
            return
        place += 1


def _value(text: str, place: int) -> tuple[str, int]:
    """Return the value that begins at a place, and the place after it: runs of blanks are one, quotes vanish."""
    value, blank = "", False
    while match := _PIECE.match(text, place):
        place = match.end()
        _, quoted, plain = match.groups()
        if quoted is None and plain is None:
            blank = True
            continue
        value += " " if blank and value else ""
        value += plain if quoted is None else _ESCAPE.sub(r"\1\2", quoted)
        blank = False
    return value, place


def _context(name: str, value: str | None) -> SelfDescribing:
    return SelfDescribing(_SCHEMA, {"name": name, "value": value})
