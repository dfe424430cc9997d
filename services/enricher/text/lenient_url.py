"""URLs with illegal characters, mended as Enrich does: each part is decoded and encoded again by scala-uri's rules.

Everything but letters, digits and `-._~+` is encoded in every part, so `%2B` becomes `+`. docs/java-urls.md has the
rules, and what they were found out from.
"""

import re
from ipaddress import AddressValueError, IPv6Address

from services.enricher.text import java_digits
from services.enricher.text.java_uri import UrlError
from wire import utf8

_ASCII_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+")
_BYTES = {byte: chr(byte) if byte in _ASCII_KEPT else f"%{byte:02X}" for byte in range(256)}
_SCHEME = r"([A-Za-z][A-Za-z0-9+.\-]*)"
_REST = r"([^?#]*)(?:\?([^#]*))?(?:#(.*))?"
_WITH_AUTHORITY = re.compile(rf"(?:{_SCHEME}:)?//")
_AFTER_AUTHORITY = re.compile(r"((?:/[^?#]*)?)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_WITHOUT_AUTHORITY = re.compile(rf"{_SCHEME}:(?!//){_REST}", re.DOTALL)
_RELATIVE = re.compile(rf"(?!//){_REST}", re.DOTALL)
_PCHAR = r"A-Za-z0-9\-._~%!$&'()*+,;=:@"
_URN = re.compile(rf"urn:([A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]):([{_PCHAR}][{_PCHAR}/]*)")
# A password may hold `?` and `#`, so it is looked for before the authority's end.
_USER = re.compile(r"([^:/?\[\]@ \t\r\n]*)(?::([^/@]*))?@", re.DOTALL)
_OCTET = "[0-9]{1,3}"
_IPV4 = re.compile(rf"({_OCTET})\.({_OCTET})\.({_OCTET})\.({_OCTET})")
_IPV6 = re.compile(r"\[([0-9A-Fa-f:.]*)\]")
_NAME = re.compile("[^:/?#]*")
_PORT = re.compile(":([0-9]{1,10})")
_LAST_BYTE, _LAST_PORT = 255, 2**31 - 1
_LAST_OF_ONE_UNIT = "\uffff"  # in UTF-16


def mend(text: str) -> str:
    """Return the URL with all of its parts decoded and encoded again; it may still not be a URI. Raises UrlError."""
    if match := _URN.fullmatch(text):
        return f"urn:{match[1]}:{_recoded(match[2])}"
    if match := _WITH_AUTHORITY.match(text):
        before, text = _authority(text[match.end() :])
        before = match[0] + before
        match = _AFTER_AUTHORITY.fullmatch(text)
        if match is None:
            raise UrlError("not the end of an authority")
        path, query, fragment = match.groups()
    elif match := _WITHOUT_AUTHORITY.fullmatch(text):
        scheme, path, query, fragment = match.groups()
        before = f"{scheme}:"
    elif match := _RELATIVE.fullmatch(text):
        path, query, fragment = match.groups()
        before = ""
        if ":" in _decoded(path.partition("/")[0]):
            raise UrlError("a colon in the first segment of a relative path")
    else:
        raise UrlError("not a URL")
    return before + _path(path) + _query(query) + ("" if fragment is None else f"#{_recoded(fragment)}")


def _path(path: str) -> str:
    return "/".join(map(_recoded, path.split("/")))


def _query(query: str | None) -> str:
    """Return the query with its `?`; nothing for an empty query."""
    return "" if not query else "?" + "&".join(map(_parameter, query.split("&")))


def _parameter(text: str) -> str:
    name, equals, value = text.partition("=")
    if equals and not name:
        raise UrlError("a parameter without a name")
    return f"{_recoded(name)}={_recoded(value)}" if equals else _recoded(name)


def _authority(text: str) -> tuple[str, str]:
    """Return the authority that a text begins with, mended, and what follows it."""
    user_info = ""
    if (match := _USER.match(text)) is not None:
        user, password = match.groups()
        user_info = _recoded(user) + ("" if password is None else f":{_recoded(password)}") + "@"
        text = text[match.end() :]
    host, text = _host(text)
    if not text.startswith(":"):
        return user_info + host, text
    port = _PORT.match(text)
    if port is None or int(port[1]) > _LAST_PORT:
        raise UrlError("not a port number")
    return f"{user_info}{host}:{int(port[1])}", text[port.end() :]


def _host(text: str) -> tuple[str, str]:
    """Return the host, an IP address in its usual form and any other as it is, and what follows it."""
    if text.startswith("["):
        address = _IPV6.match(text)
        if address is None:
            raise UrlError("not an IPv6 address")
        return f"[{_ipv6(address[1])}]", text[address.end() :]
    name = _NAME.match(text)
    host = name[0] if name else ""
    rest = text[len(host) :]
    if (octets := _IPV4.fullmatch(host)) and all(int(octet) <= _LAST_BYTE for octet in octets.groups()):
        host = ".".join(str(int(octet)) for octet in octets.groups())
    return host, rest


def _ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        raise UrlError("not an IPv6 address") from None
    if address.ipv4_mapped is None:
        return str(address)
    number = int(address)
    return f"::ffff:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}"  # Python writes a dotted end since 3.13


def _recoded(part: str) -> str:
    return "".join([_BYTES[byte] for byte in _decoded(part).encode()])


def _decoded(part: str) -> str:
    """Evaluate the escapes of a part. A percent sign that begins none stays; invalid UTF-8 becomes U+FFFD."""
    if "%" not in part and part.isascii():
        return part
    octets = bytearray()
    place = 0
    while place < len(part):
        character = part[place]
        if character == "%" and (octet := _octet(part[place + 1 : place + 3])) is not None:
            octets.append(octet)
            place += 3
        else:
            # Enrich encodes one UTF-16 code unit at a time, so a character of two is two question marks.
            octets += character.encode() if character <= _LAST_OF_ONE_UNIT else b"??"
            place += 1
    return utf8.decode(bytes(octets))


def _octet(text: str) -> int | None:
    """Return what Java's `Integer.parseInt(text, 16)` makes of two characters, as a byte: a sign is a digit to it."""
    if len(text) < 2:
        return None
    sign, digits = (text[0], text[1]) if text[0] in "+-" else ("", text)
    number = java_digits.hexadecimal(digits)
    return None if number is None else (-number if sign == "-" else number) & 0xFF
