"""From a request to the record that the enricher reads (wire contract B.4, B.7)."""

from time import time

from services.collector import NAME, content_type, identity
from services.collector.messages import Request, utf8
from services.collector.targets import Target
from wire import collector_record
from wire.collector_record import bare_line, header_line

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
        headers = _anonymous_headers(request)
    elif b"cookie" in fields:
        headers = _cleaned_headers(request)
    else:
        headers = [header_line(name, value) for name, value in zip(request.names, request.values, strict=True)]
    if recorded_type is not None:
        # It stands once more without a name: what reads the list expects it there.
        headers.append(bare_line(recorded_type))
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
    lines = []
    for name, value in zip(request.names, request.values, strict=True):
        if len(name) != 6 or name.lower() != b"cookie":
            lines.append(header_line(name, value))
        elif cookies := identity.clean_cookies(value):
            lines.append(header_line(b"Cookie", cookies))
    return lines


def _anonymous_headers(request: Request) -> list[bytes]:
    headers = zip(request.names, request.values, strict=True)
    return [header_line(name, value) for name, value in headers if name.lower() not in _NOT_OF_AN_ANONYMOUS_USER]
