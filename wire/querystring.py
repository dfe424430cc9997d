"""The query of a URL as pairs of decoded texts: one reading for the enricher's columns and for the policy's parameters.

Source: Enrich 6.x reads it with Apache's HttpClient: it splits on `&` and `;`, decodes as forms are, and replaces bytes
that are not UTF-8 by U+FFFD. A character that is not encoded counts as one byte for each of its UTF-16 code units: `ä`
becomes U+FFFD. It removes control characters from what it writes into a column.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from wire import utf8

type Decode = Callable[[bytes], str]

SEPARATOR = re.compile("[&;]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPE = re.compile("(%[0-9A-Fa-f]{2})")


def pairs(query: str, decode: Decode = utf8.decode) -> list[tuple[str, str | None]]:
    """Return the pairs in order; a name without `=` has no value, a pair without name is dropped."""
    split = [pair.partition("=") for pair in (SEPARATOR.split(query) if ";" in query else query.split("&"))]
    if decode is utf8.decode and "%" not in query and "+" not in query and query.isascii():
        return [(name, value if equals else None) for name, equals, value in split if name]
    return [
        (_decoded(name, decode), _decoded(value, decode) if equals else None) for name, equals, value in split if name
    ]


def decoded(text: str) -> str:
    """Return a name or value of a query as a column would hold it."""
    return tsv_safe(_decoded(text, utf8.decode))


def _decoded(text: str, decode: Decode) -> str:
    if text.isascii():
        return decode(unquote_to_bytes(text.replace("+", " ")))
    # The low byte of a character can be that of a percent or plus sign: escapes are taken apart first.
    return decode(
        b"".join(
            unquote_to_bytes(piece) if place % 2 else _low_bytes(piece.replace("+", " "))
            for place, piece in enumerate(_ESCAPE.split(text))
        )
    )


def _low_bytes(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")[::2]


def tsv_safe(text: str) -> str:
    """Replace each TAB by four spaces and delete every other ASCII control character."""
    return text if text.isprintable() else _CONTROL.sub("", text.replace("\t", "    "))
