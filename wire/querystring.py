"""The query of a URL as pairs of decoded texts: one reading for the enricher's columns and for the policy's parameters.

Source: Enrich 6.x splits on `&` and `;`, decodes as forms are, replaces bytes that are not UTF-8 by U+FFFD, and removes
control characters from what it writes into a column.
"""

import re
from urllib.parse import unquote_plus

SEPARATOR = re.compile("[&;]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def pairs(query: str) -> list[tuple[str, str | None]]:
    """Return the pairs in order; a name without `=` has no value, a pair without name is dropped."""
    split = [pair.partition("=") for pair in (SEPARATOR.split(query) if ";" in query else query.split("&"))]
    if "%" not in query and "+" not in query:
        return [(name, value if equals else None) for name, equals, value in split if name]
    return [(unquote_plus(name), unquote_plus(value) if equals else None) for name, equals, value in split if name]


def decoded(text: str) -> str:
    """Return a name or value of a query as a column would hold it."""
    return tsv_safe(unquote_plus(text) if "%" in text or "+" in text else text)


def tsv_safe(text: str) -> str:
    """Replace each TAB by four spaces and delete every other ASCII control character."""
    return text if text.isprintable() else _CONTROL.sub("", text.replace("\t", "    "))
