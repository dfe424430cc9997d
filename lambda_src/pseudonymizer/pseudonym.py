r"""The pseudonym of a value: a chain of HMAC-SHA256 over domain and value, as 64 lower-case hexadecimal digits.

The first key of the ring hashes the domain's name, one zero byte and the UTF-8 of the value's text; each later key
hashes the 64 digits before it (docs/policy.md). A JSON number is the text it was written with. Check one of a ring of
one with: printf 'DOMAIN\0%s' VALUE | openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

LENGTH = 64
MINIMUM_KEY_BYTES = 32
SEPARATOR = b"\0"
"""Between domain and value. No domain's name holds it, so no domain and value read as another domain and value."""

CHECK_DOMAIN = "key-check"
"""No rule of a policy can name this domain, so no event shows the check value of a ring."""
_CHECK_VALUE = "snowveil"

_BLOCK = 64
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))

# From a value's text to its pseudonym.
type PseudonymFunction = Callable[[str], str]


def pseudonym_function(ring: Sequence[bytes], domain: str) -> PseudonymFunction:
    """Return the function from a value's text to its pseudonym in `domain`.

    `ring` holds one key or more, the oldest first. The two padded keys are hashed once, the inner one with the domain,
    and copied for each value: a third of the time that `hmac` needs, and a domain costs nothing.
    """
    copy_inner, copy_outer = _prepared(ring[0], domain.encode() + SEPARATOR)

    def first(text: str) -> str:
        inner = copy_inner()
        inner.update(text.encode())
        outer = copy_outer()
        outer.update(inner.digest())
        return outer.hexdigest()

    if len(ring) == 1:
        return first
    later = [_prepared(key) for key in ring[1:]]

    def chained(text: str) -> str:
        shown = first(text)
        for copy_link, copy_link_outer in later:
            inner = copy_link()
            inner.update(shown.encode())
            outer = copy_link_outer()
            outer.update(inner.digest())
            shown = outer.hexdigest()
        return shown

    return chained


def check_value(ring: Sequence[bytes]) -> str:
    """Return what tells one ring from another and nothing about its keys: the pseudonym of a constant."""
    return pseudonym_function(ring, CHECK_DOMAIN)(_CHECK_VALUE)


def _prepared(key: bytes, prefix: bytes = b"") -> tuple[Callable[[], "_Hash"], Callable[[], "_Hash"]]:
    padded = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return sha256(padded.translate(_INNER_PAD) + prefix).copy, sha256(padded.translate(_OUTER_PAD)).copy
