"""The client's IP address: the socket's, or the one that a trusted proxy reports in X-Forwarded-For.

Wire contract (docs/reference/wire-contract.md): B.4 Identity and address.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_network
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

from services.collector.request.identity import is_anonymous
from services.collector.request.messages import Request

UNKNOWN = b"unknown"
_MAPPED = bytes(10) + b"\xff\xff"  # IPv4 in IPv6, what a socket for both says


def of_peer(peername: tuple[object, ...] | None) -> bytes:
    """Render the socket's address, IPv6 in brackets; `unknown` when there is none."""
    packed = _pack(str(peername[0]).partition("%")[0]) if peername else None
    return UNKNOWN if packed is None else _render(packed)


class Addresses:
    """Finds a request's address, believing the proxies of some networks, or any."""

    def __init__(self, trusted: Iterable[str] | None) -> None:
        self._believes_all = trusted is None
        # The peers are few: the load balancer's own addresses.
        self._believes = lru_cache(maxsize=256)(self._is_trusted_peer)
        # Mask and network as numbers, by an address's length and first byte: most addresses have no candidate.
        self._networks: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for network in map(ip_network, trusted or ()):
            packed, last = network.network_address.packed, network.broadcast_address.packed
            for first in range(packed[0], last[0] + 1):
                candidates = self._networks.setdefault((len(packed), first), [])
                candidates.append((int(network.netmask), int(network.network_address)))

    def of(self, request: Request) -> bytes:
        """Return the client's address (IPv6 in brackets), or `unknown`."""
        if is_anonymous(request):
            return UNKNOWN
        header = request.fields.get(b"x-forwarded-for")
        if header is None:
            return request.peer
        if request.repeats:
            header = b",".join(request.all(b"x-forwarded-for"))
        elements = [element.strip(" \t") for element in header.decode("latin-1").split(",")]
        return (self._first(elements) if self._believes_all else self._nearest(elements, request.peer)) or request.peer

    def _first(self, elements: list[str]) -> bytes | None:
        """Return the first element, if all are addresses."""
        addresses = [_address(element) for element in elements]
        return None if None in addresses else addresses[0]

    def _nearest(self, elements: list[str], peer: bytes) -> bytes | None:
        """Return the nearest address outside the trusted networks, walking from the nearest proxy outwards."""
        if not self._believes(peer):
            return None
        nearest = None
        for element in reversed(elements):
            packed = _pack(element)
            if packed is None:
                if element == "unknown":
                    return UNKNOWN
                break
            nearest = packed
            if not self._is_trusted(packed):
                break
        return None if nearest is None else _render(nearest)

    def _is_trusted_peer(self, peer: bytes) -> bool:
        return self._is_trusted(_pack(peer.decode("ascii").strip("[]")))

    def _is_trusted(self, packed: bytes | None) -> bool:
        if packed is None:
            return False
        candidates = self._networks.get((len(packed), packed[0]))
        return candidates is not None and _is_in(int.from_bytes(packed), candidates)


def _is_in(address: int, networks: list[tuple[int, int]]) -> bool:
    return any(address & mask == network for mask, network in networks)


def _address(text: str) -> bytes | None:
    if text == "unknown":
        return UNKNOWN
    packed = _pack(text)
    return None if packed is None else _render(packed)


def _pack(text: str) -> bytes | None:
    try:
        if ":" not in text:
            return inet_pton(AF_INET, text)
        packed = inet_pton(AF_INET6, text)
    except (OSError, ValueError):  # ValueError: a NUL or a character outside of ASCII
        return None
    return packed[12:] if packed.startswith(_MAPPED) else packed


def _render(packed: bytes) -> bytes:
    if len(packed) == 4:
        return inet_ntop(AF_INET, packed).encode("ascii")
    return f"[{inet_ntop(AF_INET6, packed)}]".encode("ascii")
