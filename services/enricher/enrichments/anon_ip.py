"""anon_ip: the end of the sender's address becomes `x`.

An address is masked in one form, however it is written (wire/ip_notations.py): two addresses of one network give the
same text. What is not an address, such as `999.1.2.3`, is masked as a whole: nobody knows which part of it names a
host.
"""

from collections.abc import Callable
from ipaddress import IPv4Address

import msgspec

from services.enricher.enrichments.configuration import Configuration
from services.enricher.enrichments.enrichable import Enrichable
from wire import ip_notations

_OCTETS, _SEGMENTS = 4, 8
_MAPPED = "::FFFF:"  # Enrich keeps this prefix, in capitals only
_UNKNOWN = "unknown"  # what collectors write for no address
_ALL = "x"


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
    """Mask the last `octets` of IPv4 and the last `segments` of IPv6, and all of what is neither but `unknown`."""
    if not address or address == _UNKNOWN:
        return address
    parsed = ip_notations.read(address)
    if isinstance(parsed, IPv4Address):
        masked = _mask(str(parsed).split("."), ".", _OCTETS, octets)
        return _MAPPED + masked if address.startswith(_MAPPED) and "." in address else masked
    if parsed is not None:
        groups = [f"{int(group, 16):x}" for group in parsed.exploded.split(":")]
        return _mask(groups, ":", _SEGMENTS, segments)
    return _ALL


def _mask(pieces: list[str], separator: str, of: int, masked: int) -> str:
    kept = of - masked
    return separator.join(piece if position < kept else "x" for position, piece in enumerate(pieces))
