"""The querystring of a request as Enrich reads it: a URI of Java first, then form decoding.

How pairs are split and decoded: `wire/querystring.py`, where the privacy policy reads them with the same function.
"""

from services.enricher.text import java_uri
from wire import utf8
from wire.querystring import Decode, pairs

type Pairs = list[tuple[str, str | None]]


class QuerystringError(ValueError):
    """The text could not stand in a URI; the message describes the defect and never quotes the text."""


def parse(querystring: str | None, decode: Decode = utf8.decode) -> Pairs:
    """Return the pairs in order, duplicates kept. Raises QuerystringError."""
    if not querystring:
        return []
    if (illegal := java_uri.illegal_in_query(querystring)) is not None:
        raise QuerystringError(
            "could not extract name-value pairs from querystring with encoding UTF-8: "
            f"Illegal character in query at index {illegal}"
        )
    return pairs(querystring.partition("#")[0], decode)  # what follows is the URI's fragment
