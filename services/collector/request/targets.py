"""The request target: whether it is a URI, its path, its host.

Wire contract (docs/reference/wire-contract.md): B.1 Routing, B.4 Identity and address.
"""

import re
from functools import lru_cache
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
    hostname = None
    if not target.startswith(b"/") and target != b"*":
        authority = _AUTHORITY.match(target)
        if authority is None or not is_uri(authority[0]):
            return None
        hostname, target = authority[1], target[authority.end() :]
    sent, _, query = target.partition(b"?")
    read = _path(sent)
    if read is None or (query and not is_uri(query)):
        return None
    path, is_pair = read
    return Target(hostname, path, query, is_pair)


@lru_cache(maxsize=256)  # trackers send to few paths
def _path(sent: bytes) -> tuple[bytes, bool] | None:
    """Return the decoded path and whether it is a pair; None when it is not a URI's."""
    if not is_uri(sent) or b"[" in sent or b"]" in sent:
        return None
    is_pair = sent.count(b"/") == 2  # before decoding: an encoded slash is part of its segment
    return (utf8(unquote_to_bytes(sent)) if b"%" in sent else sent), is_pair
