"""URLs taken apart as Enrich does: by the rules of RFC 2396 (Java's URI), else once more with bad characters encoded.

Nothing is normalised: scheme, host, path, query and fragment stay as they were written.
"""

import re
from typing import NamedTuple
from urllib.parse import quote

_SPACES = "\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
ILLEGAL = re.compile(f'[\\x00-\\x20"<>\\\\^`{{|}}{_SPACES}]|%(?![0-9A-Fa-f]{{2}})')
_PARTS = re.compile(r"(?:([^:/?#]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|0?[0-9]{1,2}|00[0-9])"
_LABEL = r"(?!-)[A-Za-z0-9\-]+(?<!-)"
_SERVER = re.compile(
    rf"(?:[A-Za-z0-9\-_.!~*'();:&=+$,%]*@)?"
    rf"(\[[0-9A-Fa-f:.]+(?:%25?[A-Za-z0-9_.]+)?\]|{_BYTE}(?:\.{_BYTE}){{3}}|(?:{_LABEL}\.)+(?![0-9]){_LABEL}\.?|{_LABEL}\.?)"
    r"(?::([0-9]*))?"
)
_BRACKETS = re.compile(r"[\[\]]")
# The URL of nearly every page, at one go; what does not fit may still be a URL.
_TEXT = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/{}]++|%[0-9A-Fa-f]{{2}})*+"
_PLAIN = re.compile(
    r"(https?)://((?:[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+\.)*+[A-Za-z][A-Za-z0-9]*+(?:-++[A-Za-z0-9]++)*+)"
    rf"(?::([1-9][0-9]{{0,4}}))?((?:/{_TEXT.format('')})?)(?:\?({_TEXT.format('?')}))?(?:#({_TEXT.format('?')}))?"
)
_HTTPS_PORT, _DEFAULT_PORT, _LAST_PORT = 443, 80, 2**31 - 1
_PORTS = {"http": str(_DEFAULT_PORT), "https": str(_HTTPS_PORT)}


class UrlError(ValueError):
    """The text is no URI, even leniently; the message describes the defect and never quotes the text."""


class Url(NamedTuple):
    """A URL and its parts; a part that is not there is None. The port is the scheme's where none is written."""

    text: str
    scheme: str | None
    host: str | None
    port: int
    path: str | None
    query: str | None
    fragment: str | None


def parse(text: str) -> Url:
    """Take a URL apart; `Url.text` is it as it could be read. Raises UrlError."""
    try:
        return _parse_strictly(text)
    except UrlError as java:
        try:
            return _parse_strictly(_encode_bad_characters(text))
        except UrlError as lenient:
            raise UrlError(
                "Provided URI could not be parsed, neither by Java parsing "
                f"(error: [{java}]) nor by Scala parsing (error: [{lenient}])."
            ) from None


def cells(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the URL as it could be read, and its parts as the columns hold them: empty for none. Raises UrlError."""
    if plain := _PLAIN.fullmatch(text):
        scheme, host, port, path, query, fragment = plain.groups("")
        return text, (scheme, host, port or _PORTS[scheme], path, query, fragment)
    url = parse(text)
    return url.text, (
        url.scheme or "", url.host or "", str(url.port), url.path or "", url.query or "", url.fragment or "",
    )  # fmt: skip


def _parse_strictly(text: str) -> Url:
    if defect := ILLEGAL.search(text):
        raise UrlError(f"Illegal character at index {defect.start()}")
    match = _PARTS.fullmatch(text)
    if match is None:
        raise UrlError("not a URI")
    scheme, authority, path, query, fragment = match.groups()
    if scheme is not None and not _SCHEME.fullmatch(scheme):
        raise UrlError("Illegal character in scheme name" if scheme else "Expected scheme name at index 0")
    if fragment is not None and "#" in fragment:
        raise UrlError("Illegal character in fragment")
    if scheme is not None and authority is None and not path.startswith("/"):
        return _opaque(text, scheme, path, query, fragment)
    if _BRACKETS.search(path):
        raise UrlError("Illegal character in path")
    host, port = _server(authority, rest=bool(path) or query is not None or fragment is not None)
    return Url(text, scheme, host, _port(scheme, port), path, query, fragment)


def _opaque(text: str, scheme: str, path: str, query: str | None, fragment: str | None) -> Url:
    if not path and query is None:
        raise UrlError("Expected scheme-specific part")
    return Url(text, scheme, None, _port(scheme, None), None, None, fragment)


def _server(authority: str | None, *, rest: bool) -> tuple[str | None, int | None]:
    """Return host and port; both are None where the authority names no server, such as one with `_`."""
    if not authority:
        if authority is not None and not rest:
            raise UrlError("Expected authority")
        return None, None
    match = _SERVER.fullmatch(authority)
    if match is None:
        if _BRACKETS.search(authority):
            raise UrlError("Illegal character in authority")
        return None, None
    host, port = match.groups()
    if not port:
        return host, None
    digits = port.lstrip("0") or "0"
    if len(digits) > len(str(_LAST_PORT)) or int(digits) > _LAST_PORT:
        raise UrlError("Malformed port number")
    return host, int(digits)


def _port(scheme: str | None, written: int | None) -> int:
    if written is not None:
        return written
    return _HTTPS_PORT if scheme == "https" else _DEFAULT_PORT


def _encode_bad_characters(text: str) -> str:
    before, hash_sign, fragment = text.partition("#")
    path, question_mark, query = before.partition("?")
    authority_end = path.find("/", path.find("//") + 2) if "//" in path else 0
    if authority_end >= 0:
        path = path[:authority_end] + path[authority_end:].replace("[", "%5B").replace("]", "%5D")
    encoded = path + question_mark + query + hash_sign + fragment.replace("#", "%23")
    return ILLEGAL.sub(lambda character: quote(character[0], safe=""), encoded)
