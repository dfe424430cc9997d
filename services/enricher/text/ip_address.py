"""The sender's address: what proxies say in the headers, else what the collector decided on.

The rules of Enrich 6.x, with their quirk that a `Forwarded` header counts only if no other header follows it. Our own
collector leaves both headers out of the record when it does not believe them, so its decision stands
(`networking.trustedProxies`). In an anonymous request no header is read.
"""

import re
from collections.abc import Sequence

_ADDRESS = r'"?\[?((?:[0-9]{1,3}\.){3}[0-9]{1,3}|(?:\b[0-9a-f]{1,4}\b|[.:]){1,15})'
_X_FORWARDED_FOR = re.compile("x-forwarded-for: " + _ADDRESS, re.ASCII)
_FORWARDED = re.compile("forwarded: for=" + _ADDRESS, re.ASCII)
_ANONYMOUS = "\nsp-anonymous:"


def select(headers: Sequence[str], seen_by_collector: str) -> str:
    """Return the address to use; `headers` are `Name: value` lines in their order."""
    found = _in_headers(headers)
    return seen_by_collector if found is None or _is_anonymous(headers) else found


def _is_anonymous(headers: Sequence[str]) -> bool:
    # One expression, because this runs for every request that comes through a proxy.
    return _ANONYMOUS in f"\n{'\n'.join(headers)}".lower()


def _in_headers(headers: Sequence[str]) -> str | None:
    for header in headers:
        if header.startswith(("X", "x")) and (match := _X_FORWARDED_FOR.match(header.lower())):
            return match[1]
    match = _FORWARDED.match(headers[-1].lower()) if headers else None
    return match[1] if match else None
