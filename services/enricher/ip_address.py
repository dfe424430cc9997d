"""The sender's address: what proxies say in the headers, else what the collector saw.

The rules of Enrich 6.x, with their quirk that a `Forwarded` header counts only if no other header follows it.
"""

import re
from collections.abc import Iterable

_ADDRESS = r'"?\[?((?:[0-9]{1,3}\.){3}[0-9]{1,3}|(?:[0-9a-f]{1,4}|[.:]){1,15})'
_X_FORWARDED_FOR = re.compile("x-forwarded-for: " + _ADDRESS, re.ASCII)
_FORWARDED = re.compile("forwarded: for=" + _ADDRESS, re.ASCII)


def select(headers: Iterable[str], seen_by_collector: str) -> str:
    """Return the address to use; `headers` are `Name: value` lines in their order."""
    forwarded = None
    for header in headers:
        if header[:1] not in "XxFf":
            forwarded = None
            continue
        line = header.lower()
        if line.startswith("x-forwarded-for") and (match := _X_FORWARDED_FOR.match(line)):
            return match[1]
        match = _FORWARDED.match(line)
        forwarded = match[1] if match else None
    return seen_by_collector if forwarded is None else forwarded
