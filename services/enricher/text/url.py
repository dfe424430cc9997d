"""URLs taken apart as Enrich does: by the rules of Java's URI, else again with every part decoded and encoded anew.

Nothing is normalised: scheme, host, path, query and fragment stay as they were written, unless the URL was mended.
"""

import re

from services.enricher.text import java_uri, lenient_url
from services.enricher.text.java_uri import Url, UrlError

# Matches the URLs of nearly all pages, and gives the same parts as `parse`, which reads all others.
_TEXT = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/{}]++|%[0-9A-Fa-f]{{2}})*+"
_FAST_PATH = re.compile(
    r"(https?)://((?:[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+\.)*+[A-Za-z][A-Za-z0-9]*+(?:-++[A-Za-z0-9]++)*+)"
    rf"(?::([1-9][0-9]{{0,4}}))?((?:/{_TEXT.format('')})?)(?:\?({_TEXT.format('?')}))?(?:#({_TEXT.format('?')}))?"
)
_PORTS = {"http": "80", "https": "443"}


def parse(text: str) -> Url:
    """Take a URL apart; `Url.text` is the URL as it could be read. Raises UrlError."""
    try:
        return java_uri.parse(text.replace(" ", "%20"))
    except UrlError as java:
        try:
            return java_uri.parse(lenient_url.mend(text))
        except UrlError as lenient:
            raise UrlError(
                "Provided URI could not be parsed, neither by Java parsing "
                f"(error: [{java}]) nor by Scala parsing (error: [{lenient}])."
            ) from None


def cells(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the URL as it could be read, and its parts as the columns hold them: empty for none. Raises UrlError."""
    if plain := _FAST_PATH.fullmatch(text):
        scheme, host, port, path, query, fragment = plain.groups("")
        return text, (scheme, host, port or _PORTS[scheme], path, query, fragment)
    url = parse(text)
    return url.text, (
        url.scheme or "", url.host or "", str(url.port), url.path or "", url.query or "", url.fragment or "",
    )  # fmt: skip
