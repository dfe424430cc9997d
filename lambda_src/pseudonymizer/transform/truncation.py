"""Coarse values: an IP address to its network, a coordinate to its degree, versions and numbers to their beginning."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network
from math import floor

# A /24 can be one company or one household; a provider's whole allocation is usually at least this large.
_IPV4_BITS = 16
_IPV6_BITS = 32
_COORDINATE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,38})?", re.ASCII)
# A first part of up to two digits, or a year: 203.0.113.7 is an address.
_VERSION = re.compile(r"v?((?:[0-9]{1,2}|20[0-9]{2})\.[0-9]{1,2})(?![0-9])[0-9A-Za-z.+_-]{0,64}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,10}(?:\.0{1,6})?", re.ASCII)
_DIGITS_SHOWN = 2


def network(text: str) -> str | None:
    """Return the network of an IP address, such as `192.0.0.0/16` or `2001:db8::/32`; None for other text."""
    try:
        return str(ip_network((IPv4Address(text), _IPV4_BITS), strict=False))
    except AddressValueError:
        pass  # it may be the other kind
    if "%" in text:  # a zone names a machine's own interface
        return None
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return None
    if address.ipv4_mapped is not None:
        return network(str(address.ipv4_mapped))
    return str(ip_network((address, _IPV6_BITS), strict=False))


def degree(text: str) -> str | None:
    """Return the lower edge of a coordinate's degree, `52.0` for `52.52`; None for other text."""
    if not _COORDINATE.fullmatch(text) or abs(coordinate := float(text)) > 180:
        return None
    return f"{floor(coordinate)}.0"


def two_parts(text: str) -> str | None:
    """Return the first two parts of a version, `17.8` for `17.8.1-ee`; None for other text."""
    match = _VERSION.fullmatch(text)
    return match[1] if match else None


def two_digits(text: str) -> str | None:
    """Return a whole number of up to ten digits with zeros after its first two, `1200` for `1234`; None for others."""
    if not _NUMBER.fullmatch(text):
        return None
    digits = text.partition(".")[0]
    return digits[:_DIGITS_SHOWN] + "0" * (len(digits) - _DIGITS_SHOWN)
