"""Coarse values: an IP address to its network, a coordinate to its degree."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network
from math import floor

# A /24 can be one company or one household; a provider's whole allocation is usually at least this large.
_IPV4_BITS = 16
_IPV6_BITS = 32
_COORDINATE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,38})?", re.ASCII)


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
