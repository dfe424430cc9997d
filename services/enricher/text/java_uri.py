"""URIs by the rules of Java's `java.net.URI`: RFC 2396 with literal IPv6 addresses and visible non-ASCII characters.

Nothing is decoded or normalised. docs/java-urls.md has the rules.
"""

import re
from typing import NamedTuple

_SPACES = "\x80-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# A percent sign and two hexadecimal digits, or a character outside of ASCII that is neither a control nor a space.
_OTHER = rf"%[0-9A-Fa-f]{{2}}|[^\x00-\x7f{_SPACES}]"
_UNRESERVED = r"A-Za-z0-9\-_.!~*'()"
_ANY = re.compile(rf"(?:[{_UNRESERVED};/?:@&=+$,\[\]]|{_OTHER})*+")  # of a query, a fragment, an opaque part
_PATH = re.compile(rf"(?:[{_UNRESERVED}:@&=+$,;/]|{_OTHER})*+")
_REGISTRY = re.compile(rf"(?:[{_UNRESERVED}$,;:@&=+]|{_OTHER})*+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_PARTS = re.compile(r"(?:([^:/?#]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_BYTE = r"0*(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[0-9]{1,2})"
_LABEL = r"[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+"
_SERVER = re.compile(
    rf"(?:(?:[{_UNRESERVED};:&=+$,]|{_OTHER})*@)?"
    rf"(\[([0-9A-Fa-f:.]++)(?:%[A-Za-z0-9_.]+)?\]|{_BYTE}(?:\.{_BYTE}){{3}}(?=:|$)"
    rf"|(?:{_LABEL}\.)+(?![0-9]){_LABEL}\.?|{_LABEL}\.?)"
    r"(?::([0-9]*))?"
)
_HEX_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_IPV4 = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")
_IPV6_GROUPS, _IPV4_GROUPS = 8, 2
_HTTPS_PORT, _DEFAULT_PORT, _LAST_PORT = 443, 80, 2**31 - 1


class UrlError(ValueError):
    """The text is not a URI; the message describes the defect and never quotes the text."""


class Url(NamedTuple):
    """A URI and its parts; a part that is not there is None. The port is the scheme's where none is written."""

    text: str
    scheme: str | None
    host: str | None
    port: int
    path: str | None
    query: str | None
    fragment: str | None


def parse(text: str) -> Url:
    """Take a URI apart. Raises UrlError."""
    match = _PARTS.fullmatch(text)
    if match is None:  # pragma: no cover - the expression matches every text
        raise UrlError("not a URI")
    scheme, authority, path, query, fragment = match.groups()
    if scheme is not None and not _SCHEME.fullmatch(scheme):
        raise UrlError("Illegal character in scheme name" if scheme else "Expected scheme name")
    if fragment is not None and not _ANY.fullmatch(fragment):
        raise UrlError("Illegal character in fragment")
    if scheme is not None and authority is None and not path.startswith("/"):
        return _opaque(text, scheme, path, query, fragment)
    if not _PATH.fullmatch(path):
        raise UrlError("Illegal character in path")
    if query is not None and not _ANY.fullmatch(query):
        raise UrlError("Illegal character in query")
    if authority == "" and not path and query is None and fragment is None:
        raise UrlError("Expected authority")
    host, port = _server(authority) if authority else (None, None)
    return Url(text, scheme, host, _port(scheme, port), path, query, fragment)


def illegal_in_query(text: str) -> int | None:
    """Return where the first character stands that a query, perhaps with a fragment behind it, cannot hold."""
    query, _, fragment = text.partition("#")
    start = 0
    for part in (query, fragment):
        if (end := _length_of_legal(part)) < len(part):
            return start + end
        start = len(query) + 1
    return None


def _length_of_legal(text: str) -> int:
    match = _ANY.match(text)
    return 0 if match is None else match.end()


def _opaque(text: str, scheme: str, path: str, query: str | None, fragment: str | None) -> Url:
    """Return a URI such as `mailto:a@b.org`: the part after the scheme is not looked into."""
    if not path and query is None:
        raise UrlError("Expected scheme-specific part")
    if not _ANY.fullmatch(path) or (query is not None and not _ANY.fullmatch(query)):
        raise UrlError("Illegal character in opaque part")
    return Url(text, scheme, None, _port(scheme, None), None, None, fragment)


def _server(authority: str) -> tuple[str | None, int | None]:
    """Return host and port; both are None where the authority is a registry's name, such as one with `_`."""
    registry = _REGISTRY.match(authority)
    is_registry = registry is not None and registry.end() == len(authority)
    if not is_registry and registry is not None and authority[registry.end()] == "%":
        raise UrlError("Malformed escape pair in authority")
    match = _SERVER.fullmatch(authority)
    if match is not None:
        host, ipv6, digits = match.groups()
        port = int(digits.lstrip("0")[: len(str(_LAST_PORT)) + 1] or "0") if digits else None
        if (port is None or port <= _LAST_PORT) and (ipv6 is None or _is_ipv6(ipv6)):
            return host, port
    if not is_registry:
        raise UrlError("Illegal character in authority")
    return None, None


def _is_ipv6(text: str) -> bool:
    """Return whether the text is an IPv6 address: RFC 2373's grammar, where `::` stands for one group at least."""
    halves = text.split("::")
    if len(halves) > 2:
        return False
    groups = 0
    for number, half in enumerate(halves):
        pieces = half.split(":") if half else []
        # An IPv4 address is the end of the whole, and needs something before it.
        if pieces and "." in pieces[-1] and number == len(halves) - 1 and (len(pieces) > 1 or number):
            if not _IPV4.fullmatch(pieces.pop()):
                return False
            groups += _IPV4_GROUPS
        if not all(map(_HEX_GROUP.fullmatch, pieces)):
            return False
        groups += len(pieces)
    return groups < _IPV6_GROUPS if len(halves) > 1 else groups == _IPV6_GROUPS


def _port(scheme: str | None, written: int | None) -> int:
    if written is not None:
        return written
    return _HTTPS_PORT if scheme == "https" else _DEFAULT_PORT
