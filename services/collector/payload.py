"""From a request to the CollectorPayload that the enricher reads (wire contract B.4, B.7)."""

import re
from functools import lru_cache
from time import time

from services.collector import NAME, identity
from services.collector.messages import Request
from wire.collector_payload import CollectorPayload

_WORD = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_MEDIA_TYPE = re.compile(rf"({_WORD}/{_WORD})[ \t]*((?:;[^;]*)*)", re.ASCII)
_PARAMETER = re.compile(rf'({_WORD})=(?:({_WORD})|"([^"\\]*)")', re.ASCII)
_NOT_OF_AN_ANONYMOUS_USER = {"x-forwarded-for", "x-real-ip", "cookie"}


def build(
    request: Request, *, hostname: str | None, path: str, querystring: str, network_user_id: str
) -> CollectorPayload:
    """Record the request; `path` is the mapped path, `querystring` the text after `?`."""
    is_post = request.method == "POST"
    content_type = _content_type(request.fields.get("content-type")) if is_post else None
    return CollectorPayload(
        ip_address=identity.ip_address(request),
        timestamp=int(time() * 1000),
        collector=NAME,
        user_agent=request.fields.get("user-agent"),
        referer_uri=request.fields.get("referer"),
        path=path,
        querystring=querystring,
        body=request.body.decode("utf-8", "replace") if is_post else None,
        headers=_headers(request, content_type),
        content_type=content_type,
        hostname=hostname,
        network_user_id=network_user_id,
    )


def _headers(request: Request, content_type: str | None) -> tuple[str, ...]:
    # The content type stands once more without a name: what reads the list expects it there.
    bare = () if content_type is None else (content_type,)
    anonymous = identity.is_anonymous(request)
    lines = []
    for name, key, value in zip(request.names, request.keys, request.values, strict=True):
        if anonymous and key in _NOT_OF_AN_ANONYMOUS_USER:
            continue
        if key != "cookie":
            lines.append(f"{name}: {value}")
        elif cookies := identity.clean_cookies(value):
            lines.append(f"Cookie: {cookies}")
    return (*lines, *bare)


@lru_cache(maxsize=64)
def _content_type(header: str | None) -> str | None:
    """Render `type/subtype; name="value"; charset=x` in lower case, or None for what is no content type."""
    match = _MEDIA_TYPE.fullmatch(header.strip()) if header is not None else None
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
    return (rendered + charset).lower()
