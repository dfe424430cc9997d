"""Who sent the request: cookies and network user id (wire contract B.4)."""

import os
from urllib.parse import unquote_to_bytes

from services.collector.messages import Request, utf8

ANONYMOUS_USER = b"00000000-0000-0000-0000-000000000000"

_COOKIE_CHARACTERS = bytes(set(range(0x21, 0x7F)) - set(b'",;\\'))
_SEPARATORS = b"; "
_BYTES_AT_ONCE = 4096


def is_anonymous(request: Request) -> bool:
    """Tell whether the tracker asks, with `SP-Anonymous`, that neither user nor address be recorded."""
    return b"sp-anonymous" in request.fields


def clean_cookies(header: bytes) -> bytes:
    """Return the cookies joined by `;`, without spaces and without those that hold other than cookie characters."""
    parts = header.replace(b" ", b"").split(b";")
    if header.translate(None, _COOKIE_CHARACTERS + _SEPARATORS):
        parts = [part for part in parts if not part.translate(None, _COOKIE_CHARACTERS)]
    return b";".join(filter(None, parts))


def cookie(request: Request, name: bytes) -> bytes | None:
    """Return the value of the first cookie of that name."""
    for header in request.all(b"cookie"):
        if name not in header:
            continue
        for part in header.replace(b" ", b"").split(b";"):
            key, separator, value = part.partition(b"=")
            if key == name and separator and not value.translate(None, _COOKIE_CHARACTERS):
                return value
    return None


def parameter(querystring: bytes, name: bytes) -> bytes | None:
    """Return the decoded value of the first parameter of that name."""
    if name not in querystring:
        return None
    for pair in querystring.split(b"&"):
        key, _, value = pair.partition(b"=")
        if key == name:
            return utf8(unquote_to_bytes(value.replace(b"+", b" ")))
    return None


class RandomIds:
    """Makes version 4 UUIDs, many from each call to the system's generator."""

    def __init__(self) -> None:
        self._digits = ""
        self._next = 0

    def __call__(self) -> bytes:
        """Return a new one."""
        start = self._next
        if start >= len(self._digits):
            self._digits, start = os.urandom(_BYTES_AT_ONCE).hex(), 0
        self._next = start + 32
        digits = self._digits[start : start + 32]
        variant = "89ab"[int(digits[16], 16) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}".encode()

    def forget(self) -> None:
        """Drop what is left: a forked process would hand out the same."""
        self._digits, self._next = "", 0


new_id = RandomIds()
os.register_at_fork(after_in_child=new_id.forget)
