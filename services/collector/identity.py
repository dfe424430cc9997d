"""Who sent the request: cookies, network user id and IP address (wire contract B.4, B.7)."""

import re
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from urllib.parse import unquote_plus
from uuid import uuid4

from services.collector.messages import Request

ANONYMOUS_USER = "00000000-0000-0000-0000-000000000000"
UNKNOWN_IP = "unknown"

_COOKIE_PART = re.compile(r"[!#-+\--:<-\[\]-~]+", re.ASCII)


def is_anonymous(request: Request) -> bool:
    """Tell whether the tracker asks, with `SP-Anonymous`, that neither user nor address be recorded."""
    return "sp-anonymous" in request.fields


def clean_cookies(header: str) -> str:
    """Return the cookies joined by `;`, without spaces and without those that hold other than cookie characters."""
    return ";".join(filter(_COOKIE_PART.fullmatch, header.replace(" ", "").split(";")))


def cookie(request: Request, name: str) -> str | None:
    """Return the value of the first cookie of that name."""
    for header in request.all("cookie"):
        for part in clean_cookies(header).split(";"):
            key, separator, value = part.partition("=")
            if separator and key == name:
                return value
    return None


def network_user_id(request: Request, querystring: str, cookie_value: str | None) -> str:
    """Return the id of the user across sites: anonymous, `nuid` of the querystring, the cookie's, or a new one."""
    if is_anonymous(request):
        return ANONYMOUS_USER
    return _parameter(querystring, "nuid") or cookie_value or str(uuid4())


def _parameter(querystring: str, name: str) -> str | None:
    if name not in querystring:
        return None
    for pair in querystring.split("&"):
        key, _, value = pair.partition("=")
        if key == name:
            return unquote_plus(value)
    return None


def ip_address(request: Request) -> str:
    """Return the client's address (IPv6 in brackets) by X-Forwarded-For or the socket, or `unknown`."""
    if is_anonymous(request):
        return UNKNOWN_IP
    if headers := request.all("x-forwarded-for"):
        addresses = [_address(element.strip(" \t")) for element in ",".join(headers).split(",")]
        if addresses[0] is not None and None not in addresses:
            return addresses[0]
    return (_address(request.peer) if request.peer else None) or UNKNOWN_IP


def _address(text: str) -> str | None:
    if text == UNKNOWN_IP:
        return UNKNOWN_IP
    try:
        if ":" in text:
            return f"[{inet_ntop(AF_INET6, inet_pton(AF_INET6, text))}]"
        return inet_ntop(AF_INET, inet_pton(AF_INET, text))
    except (OSError, ValueError):  # ValueError: a NUL or a character outside of ASCII
        return None
