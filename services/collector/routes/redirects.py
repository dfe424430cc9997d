"""Where a click redirect may go: only to hosts of the list, over HTTP, and without `user@`.

Wire contract (docs/reference/wire-contract.md): B.1 Routing.
"""

import re

from services.collector.request.targets import is_uri

_URL = re.compile(rb"https?://([^/?#@:\[\]]+|\[[^\]/?#@]+\])(?::\d{0,5})?(?=[/?#]|$)", re.IGNORECASE)


def is_allowed(url: bytes, hosts: frozenset[str]) -> bool:
    """Return whether the URL is one and its host is in the list; `*` in the list stands for every host."""
    if not is_uri(url.replace(b"#", b"", 1)):
        return False
    match = _URL.match(url)
    return match is not None and ("*" in hosts or match[1].decode("ascii").lower() in hosts)
