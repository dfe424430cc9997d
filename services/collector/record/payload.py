"""From a request to the record that the enricher reads.

Wire contract (docs/reference/wire-contract.md): B.4 Identity and address, B.7 CollectorPayload.
"""

from time import time

from services.collector import NAME
from services.collector.request import content_type, identity
from services.collector.request.messages import Request, utf8
from services.collector.request.targets import Target
from wire import collector_record

_CONSTANTS = collector_record.constant_fields(NAME)
_NOT_OF_AN_ANONYMOUS_USER = {b"x-forwarded-for", b"x-real-ip", b"cookie"}


def build(request: Request, target: Target, path: bytes, address: bytes, user: bytes) -> bytes:
    """Record the request; `path` is the mapped path."""
    fields = request.fields
    body = recorded_type = None
    if request.method == b"POST":
        body = utf8(request.body)
        sent_type = fields.get(b"content-type")
        recorded_type = None if sent_type is None else content_type.normalise(sent_type)
    if identity.is_anonymous(request):
        headers = _anonymous_headers(request.lines)
    elif b"cookie" in fields:
        headers = _cleaned_headers(request)
    else:
        headers = request.lines
    if recorded_type is not None:
        # It stands once more without a name: what reads the list expects it there.
        headers = [*headers, recorded_type]
    return collector_record.write(
        ip_address=address,
        timestamp=int(time() * 1000),
        constants=_CONSTANTS,
        user_agent=fields.get(b"user-agent"),
        referer_uri=fields.get(b"referer"),
        path=path,
        querystring=target.query,
        body=body,
        headers=headers,
        content_type=recorded_type,
        hostname=target.hostname,
        network_user_id=user,
    )


def _cleaned_headers(request: Request) -> list[bytes]:
    cookies = request.fields[b"cookie"]
    try:
        place = request.lines.index(b"Cookie: " + cookies)
    except ValueError:
        place = -1
    if place < 0 or request.repeats:
        return [line for line in map(_cleaned, request.lines) if line]
    lines = request.lines.copy()
    lines[place : place + 1] = filter(None, (_cleaned(lines[place]),))
    return lines


def _cleaned(line: bytes) -> bytes:
    """Return the header line; of a Cookie's, what is left, or nothing."""
    if line[:7].lower() != b"cookie:":
        return line
    cookies = identity.clean_cookies(line[8:])
    return b"Cookie: " + cookies if cookies else b""


def _anonymous_headers(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if line.partition(b":")[0].lower() not in _NOT_OF_AN_ANONYMOUS_USER]
