"""From a request to the record that the enricher reads.

Wire contract (docs/reference/wire-contract.md): B.4 Identity and address, B.7 CollectorPayload.
"""

from time import time

from services.collector import NAME
from services.collector.request import content_type
from services.collector.request.messages import Request, utf8
from services.collector.request.targets import Target
from wire import collector_payload_fast_path

_CONSTANTS = collector_payload_fast_path.constant_fields(NAME)


def build(request: Request, target: Target, path: bytes, address: bytes, user: bytes, headers: list[bytes]) -> bytes:
    """Record the request with these header lines; `path` is the mapped path."""
    fields = request.fields
    body = recorded_type = None
    if request.method == b"POST":
        body = utf8(request.body)
        sent_type = fields.get(b"content-type")
        recorded_type = None if sent_type is None else content_type.normalise(sent_type)
    if recorded_type is not None:
        # It stands once more without a name: what reads the list expects it there.
        headers = [*headers, recorded_type]
    return collector_payload_fast_path.encode(
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
