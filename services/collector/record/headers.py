"""Which of a request's headers its record holds.

Wire contract (docs/reference/wire-contract.md): B.7 CollectorPayload.
"""

from services.collector.record.identifying_headers import is_identifying
from services.collector.request.identity import clean_cookies
from services.collector.request.messages import Request


def recorded(request: Request, *, is_anonymous: bool, keeps_forwarded: bool) -> list[bytes]:
    """Return the header lines to record, in their order, cookies cleaned.

    Without `keeps_forwarded` the two headers that Enrich reads an address from are left out: the record's own address,
    which the collector has decided on, is then the one that counts. An anonymous request leaves out what identifies.
    """
    if is_anonymous:
        return [line for line in request.lines if not is_identifying(line)]
    if not request.rewritten:
        return request.lines
    lines = request.lines.copy()
    for name, line, value in request.rewritten:
        if name == b"cookie":
            place = lines.index(line)
            if cookies := clean_cookies(value):
                lines[place] = b"Cookie: " + cookies
            else:
                del lines[place]
        elif not keeps_forwarded:
            lines.remove(line)
    return lines
