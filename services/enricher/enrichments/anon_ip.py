"""anon_ip: the end of the sender's address becomes `x`."""

from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable

_OCTETS, _SEGMENTS = 4, 8
_MAPPED = "::FFFF:"


class _Parameters(msgspec.Struct, rename="camel"):
    anon_octets: int
    anon_segments: int | None = None


def build(configuration: Configuration) -> Callable[[Enrichable], None]:
    """Return the enrichment: `user_ipaddress` without its last octets or segments."""
    parameters = configuration.read(_Parameters)
    octets = parameters.anon_octets
    segments = octets if parameters.anon_segments is None else parameters.anon_segments

    def run(event: Enrichable) -> None:
        if address := event["user_ipaddress"]:
            event["user_ipaddress"] = anonymize(address, octets, segments)

    return run


def anonymize(address: str, octets: int, segments: int) -> str:
    """Mask the last `octets` of IPv4 and the last `segments` of IPv6; text that is neither is masked by its form."""
    if address.startswith(_MAPPED) and "." in address:
        return _MAPPED + _mask(address.removeprefix(_MAPPED).split("."), ".", _OCTETS, octets)
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            groups = [f"{int(group, 16):x}" for group in parsed.exploded.split(":")]
            return _mask(groups, ":", _SEGMENTS, segments)
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, IPv4Address):
        return _mask(str(parsed).split("."), ".", _OCTETS, octets)
    if "." in address:
        return _mask(address.split("."), ".", _OCTETS, octets)
    if ":" in address:
        pieces = address.split(":")
        return _mask(pieces + [""] * (_SEGMENTS - len(pieces)), ":", _SEGMENTS, segments)
    return address


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    address = text.partition("%")[0]  # a zone is no part of the address
    for kind in (IPv4Address, IPv6Address):
        try:
            return kind(address)
        except AddressValueError:
            continue
    return None


def _mask(pieces: list[str], separator: str, of: int, masked: int) -> str:
    kept = of - masked
    return separator.join(piece if position < kept else "x" for position, piece in enumerate(pieces))
