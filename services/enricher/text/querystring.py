"""The querystring of a request as Enrich reads it: a strict URI first, then form decoding.

Pairs are split on `&` and `;`, a key without `=` has no value, a pair without key is dropped.
"""

import re
from urllib.parse import unquote_plus

from services.enricher.text import java_uri

_SEPARATOR = re.compile("[&;]")

type Pairs = list[tuple[str, str | None]]


class QuerystringError(ValueError):
    """The text could not stand in a URI; the message describes the defect and never quotes the text."""


def parse(querystring: str | None) -> Pairs:
    """Return the pairs in order, duplicates kept. Raises QuerystringError."""
    if not querystring:
        return []
    if (illegal := java_uri.illegal_in_query(querystring)) is not None:
        raise QuerystringError(
            "could not extract name-value pairs from querystring with encoding UTF-8: "
            f"Illegal character in query at index {illegal}"
        )
    return pairs(querystring.partition("#")[0])  # what follows is the URI's fragment


def pairs(query: str) -> Pairs:
    """Return the pairs of the query of a URI."""
    split = [pair.partition("=") for pair in (_SEPARATOR.split(query) if ";" in query else query.split("&"))]
    if "%" not in query and "+" not in query:
        return [(name, value if equals else None) for name, equals, value in split if name]
    return [(unquote_plus(name), unquote_plus(value) if equals else None) for name, equals, value in split if name]
