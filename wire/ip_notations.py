"""IP addresses in all the notations in which collectors, proxies and old C libraries write them.

One reader for everything that looks at an address, so that no notation is looked up in one place and not masked in
another. It reads what Enrich's lookups read (the IPAddress library's `HostName`, then Java's `InetAddress`), but never
asks a name server: a host's name is not an address here.
"""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

type Address = IPv4Address | IPv6Address

_BLANKS = "".join(map(chr, range(33)))  # what Java's `trim` removes
# A port from 1 to 65535, or the name of a service.
_PORT = (
    r":(?:0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
    r"|(?=[0-9-]*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9-]{0,13}[A-Za-z0-9])?)"
)
_WITH_PORT = re.compile(rf"(.+){_PORT}", re.DOTALL)
_BRACKETS = re.compile(rf"\[([^\[\]]*)\](?:{_PORT})?")
_ZONE = re.compile("(.+?)%[^%:/]*")
_IPV6_LIKE = re.compile("[0-9A-Fa-f]{0,4}:(?:[0-9A-Fa-f]{0,4}$|.*:)")
_HEX_DIGITS = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{32})")
_NUMBER = re.compile(r"(0[xX][0-9A-Fa-f]+)|(0[bB][01]+)|(0[0-7]+)|([1-9][0-9]{0,9}|0)")
_GROUP = re.compile("0*([0-9A-Fa-f]{1,4})")
_DECIMALS = re.compile(r"[0-9]+(?:\.[0-9]+){0,3}")
_REVERSED = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})")
_LONGEST_DECIMALS = 15
_IPV6_LITERAL, _IPV4_REVERSED, _IPV6_REVERSED = ".ipv6-literal.net", ".in-addr.arpa", ".ip6.arpa"
_OCTETS, _BYTE, _NIBBLES = 4, 256, 32


def read(text: str) -> Address | None:
    """Return the address that a text stands for, an IPv4 address mapped into IPv6 as IPv4; None if it is not one.

    A port, brackets and a zone are not part of the address. Networks and ranges, such as `203.0.113.0/24`, are not one.
    """
    text = text.strip(_BLANKS)
    if match := _BRACKETS.fullmatch(text):
        address = _ipv6(match[1]) or _ipv4(match[1])
    else:
        address = _ipv6(text) or _ipv4(text) or _name(text) or _decimal(text)
        if address is None and (match := _WITH_PORT.fullmatch(text)):
            is_ipv6 = _IPV6_LIKE.match(text) is not None
            address = _ipv6(match[1]) if is_ipv6 else _ipv6(match[1]) or _ipv4(match[1]) or _name(match[1])
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


def _ipv4(text: str) -> IPv4Address | None:
    """Read one to four numbers, the last of which fills the rest: decimal, octal after `0`, hexadecimal after `0x`."""
    numbers = []
    for piece in text.split(".", _OCTETS):
        if (match := _NUMBER.fullmatch(piece)) is None:
            return None
        numbers.append(int(piece, {1: 16, 2: 2, 3: 8, 4: 10}[match.lastindex or 4]))
    return _of_numbers(numbers)


def _decimal(text: str) -> IPv4Address | None:
    """Read what has an 8 or 9 after a leading zero: its numbers are all decimal to Java."""
    if len(text) > _LONGEST_DECIMALS or not _DECIMALS.fullmatch(text):
        return None
    return _of_numbers([int(piece) for piece in text.split(".")])


def _of_numbers(numbers: list[int]) -> IPv4Address | None:
    *octets, last = numbers
    if len(octets) >= _OCTETS or last >= _BYTE ** (_OCTETS - len(octets)) or any(octet >= _BYTE for octet in octets):
        return None
    return IPv4Address(last + sum(octet * _BYTE ** (_OCTETS - 1 - place) for place, octet in enumerate(octets)))


def _ipv6(text: str) -> IPv6Address | None:
    """Read 32 hexadecimal digits, or groups of them, whose end may be an IPv4 address, with a zone or without."""
    if match := _ZONE.fullmatch(text):
        text = match[1]
    if match := _HEX_DIGITS.fullmatch(text):
        return IPv6Address(int(match[1], 16))
    *groups, end = text.split(":")
    if "." in end:
        embedded = None if end[:2] in ("0x", "0X") else _ipv4(end) or _decimal(end)
        if embedded is None:
            return None
        end = str(embedded)
    else:
        groups, end = [*groups, end], ""
    shortened = [group and (match[1] if (match := _GROUP.fullmatch(group)) else "?") for group in groups]
    try:
        return IPv6Address(":".join([*shortened, end] if end else shortened))
    except AddressValueError:
        return None


def _name(text: str) -> Address | None:
    """Read a name that spells an address: Windows' `2001-db8--1.ipv6-literal.net`, or that of a reverse lookup."""
    name = text.lower()
    if name.endswith(_IPV6_LITERAL) and not name.startswith("-"):
        return _ipv6(name.removesuffix(_IPV6_LITERAL).partition("s")[0].replace("-", ":"))
    if name.endswith(_IPV4_REVERSED) and (match := _REVERSED.fullmatch(name.removesuffix(_IPV4_REVERSED))):
        return _ipv4(".".join(reversed(match.groups())))
    if name.endswith(_IPV6_REVERSED):
        nibbles = name.removesuffix(_IPV6_REVERSED).split(".")
        return _ipv6("".join(reversed(nibbles))) if len(nibbles) == _NIBBLES else None
    return None
