"""The `Origin` header: which hosts a request comes from.

Wire contract (docs/reference/wire-contract.md): B.3 Response headers, B.5 Cookie.
"""

import re
from typing import NamedTuple

_ORIGIN = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


class Origin(NamedTuple):
    """`scheme://host[:port]` and the host in it."""

    text: bytes
    host: str


def parse(header: bytes | None) -> list[Origin]:
    """Read the origins of a header; a token that is not an origin, such as `null`, is left out."""
    if header is None:
        return []
    matches = [_ORIGIN.fullmatch(token) for token in header.split(b" ")]
    return [Origin(match[0], match[1].decode("ascii")) for match in matches if match is not None]
