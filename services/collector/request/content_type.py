"""A request's Content-Type as the record has it.

Wire contract (docs/reference/wire-contract.md): B.7 CollectorPayload.
"""

import re
from functools import lru_cache

_WORD = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_MEDIA_TYPE = re.compile(rf"({_WORD}/{_WORD})[ \t]*((?:;[^;]*)*)", re.ASCII)
_PARAMETER = re.compile(rf'({_WORD})=(?:({_WORD})|"([^"\\]*)")', re.ASCII)


@lru_cache(maxsize=64)
def normalise(header: bytes) -> bytes | None:
    """Render `type/subtype; name="value"; charset=x` in lower case, or None for what is no content type."""
    match = _MEDIA_TYPE.fullmatch(header.decode().strip())
    if match is None:
        return None
    rendered, charset = match[1], ""
    for text in match[2].split(";")[1:]:
        parameter = _PARAMETER.fullmatch(text.strip())
        if parameter is None:
            return None
        name, value = parameter[1], parameter[2] or parameter[3] or ""
        if name.lower() == "charset":
            charset = f"; charset={value}"
        else:
            rendered += f'; {name}="{value}"'
    return (rendered + charset).lower().encode()
