"""The pseudonym of a value: HMAC-SHA256 under the one secret key, as 64 lower-case hexadecimal digits.

The bytes that are hashed are the UTF-8 of the value's text. A JSON number is the text it was written with, a boolean is
`true` or `false`: 123 in a context and "123" in a column have one pseudonym. Nothing is trimmed, folded or normalised.
Check one with: printf %s VALUE | openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY
"""

from collections.abc import Callable
from hashlib import sha256

LENGTH = 64
MINIMUM_KEY_BYTES = 32

_BLOCK = 64
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))


def pseudonym_function(key: bytes) -> Callable[[str], str]:
    """Return the function from a value's text to its pseudonym.

    The two padded keys are hashed once and copied for each value: a third of the time that `hmac` needs.
    """
    padded = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    copy_inner = sha256(padded.translate(_INNER_PAD)).copy
    copy_outer = sha256(padded.translate(_OUTER_PAD)).copy

    def pseudonym(text: str) -> str:
        inner = copy_inner()
        inner.update(text.encode())
        outer = copy_outer()
        outer.update(inner.digest())
        return outer.hexdigest()

    return pseudonym
