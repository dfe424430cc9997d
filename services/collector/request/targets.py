"""The request target: whether it is a URI, its path, its host.

Wire contract (docs/reference/wire-contract.md): B.1 Routing, B.4 Identity and address.
"""

import re
from urllib.parse import unquote_to_bytes

import msgspec

from services.collector.request.messages import utf8

_URI_CHARACTERS = (
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?@!$&'()*+,;=%"
    b"[]"  # tolerated in the query
)
_BROKEN_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_AUTHORITY = re.compile(rb"https?://([^/?@:\[\]]+|\[[^\]/?@]+\])(?::\d*)?(?=[/?]|$)")


class Target(msgspec.Struct, frozen=True, gc=False):
    """A split target: the host of its absolute form, the decoded path, and the text after `?`, byte for byte."""

    hostname: bytes | None
    path: bytes
    query: bytes
    is_pair: bool  # whether the path is `/vendor/version`; either may be empty, as in `/i/`


def is_uri(text: bytes) -> bool:
    """Return whether the text has no other characters than those of RFC 3986, and no broken percent-encoding."""
    return not text.translate(None, _URI_CHARACTERS) and (0x25 not in text or _BROKEN_PERCENT.search(text) is None)


def parse(target: bytes) -> Target | None:
    """Take a target apart; None when it is not a URI."""
    if not is_uri(target):
        return None
    hostname = None
    if not target.startswith(b"/") and target != b"*":
        authority = _AUTHORITY.match(target)
        if authority is None:
            return None
        hostname, target = authority[1], target[authority.end() :]
    path, _, query = target.partition(b"?")
    if b"[" in path or b"]" in path:
        return None
    is_pair = path.count(b"/") == 2  # before decoding: an encoded slash is part of its segment
    if b"%" in path:
        path = utf8(unquote_to_bytes(path))
    return Target(hostname, path, query, is_pair)
