"""Canaries: identifiers that exist only in the events of one run, and the search for them in any bytes.

Every canary holds the run's marker, so a search for the marker in each encoding that software writes finds them all.
"""

import base64
import gzip
import re
import secrets
import uuid
import zlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hit:
    """A canary that was found: where, in which encoding, and the field it was sent in (`?` when unknown)."""

    place: str
    encoding: str
    sent_as: str


@dataclass(slots=True)
class Canaries:
    """The canaries of one run. Each method returns a new one and records the field that it is for."""

    marker: str = field(default_factory=lambda: secrets.token_hex(6))
    digits: str = field(default_factory=lambda: str(secrets.randbelow(8 * 10**9) + 10**9))
    fields: list[str] = field(default_factory=list)

    def _number(self, name: str) -> int:
        self.fields.append(name)
        return len(self.fields) - 1

    def text(self, name: str) -> str:
        """Return an e-mail address."""
        return f"canary-{self._number(name):04x}{self.marker}@example.com"

    def bare(self, name: str) -> str:
        """Return 16 hexadecimal digits, as session and user identifiers look."""
        return f"{self._number(name):04x}{self.marker}"

    def uuid(self, name: str) -> str:
        """Return a version 4 UUID."""
        return str(uuid.UUID(f"{self._number(name):08x}{secrets.token_hex(6)}{self.marker}", version=4))

    def number(self, name: str) -> int:
        """Return an integer below 2^53."""
        return int(f"{self.digits}{self._number(name):05d}")

    def ipv6(self, name: str) -> str:
        """Return an address of the documentation network 2001:db8::/32."""
        groups = re.findall("....", self.marker)
        return f"2001:db8:{self._number(name) + 1:x}:{':'.join(groups)}:1:1"

    def search(self, place: str, contents: bytes) -> list[Hit]:
        """Return the canaries in `contents`, which are searched decompressed as well when they are gzip."""
        hits = [
            Hit(place, encoding, self._sent_as(contents, match.start()))
            for encoding, pattern in _patterns(self.marker, self.digits)
            for match in pattern.finditer(contents)
        ]
        if contents.startswith(b"\x1f\x8b"):
            hits += self.search(f"{place} (decompressed)", _gunzip(contents))
        return hits

    def _sent_as(self, contents: bytes, position: int) -> str:
        before = re.search(rb"([0-9a-f]{4})\Z", contents[max(0, position - 4) : position])
        number = int(before[1], 16) if before else -1
        return self.fields[number] if 0 <= number < len(self.fields) else "?"


def _gunzip(contents: bytes) -> bytes:
    try:
        return gzip.decompress(contents)
    except (OSError, EOFError, zlib.error):
        return b""  # not gzip after all: the bytes themselves were searched


def _patterns(marker: str, digits: str) -> list[tuple[str, re.Pattern[bytes]]]:
    patterns = [("IPv6", re.compile(":".join(re.findall("....", marker)).encode()))]
    for text in (marker, digits):
        patterns += [
            ("plain", re.compile(text.encode(), re.IGNORECASE)),
            ("hexadecimal", re.compile(text.encode().hex().encode(), re.IGNORECASE)),
            ("percent", re.compile("".join(f"%{ord(c):02x}" for c in text).encode(), re.IGNORECASE)),
            ("JSON escapes", re.compile("".join(rf"\\u{ord(c):04x}" for c in text).encode(), re.IGNORECASE)),
            ("UTF-16", re.compile(re.escape(text.encode("utf-16-le")), re.IGNORECASE)),
            *(("base64", re.compile(re.escape(inner))) for inner in _base64_inners(text.encode())),
        ]
    return patterns


def _base64_inners(text: bytes) -> list[bytes]:
    """Return the characters of `text` in base64 that do not depend on what surrounds it, for the three alignments."""
    inners = []
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + text)
        first = -(-lead * 8 // 6)
        last = (lead + len(text)) * 8 // 6
        inners.append(encoded[first:last])
    return inners
