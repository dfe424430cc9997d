"""Which of a request's headers its record holds.

Wire contract (docs/reference/wire-contract.md): B.7 CollectorPayload.
"""

from services.collector.record.identifying_headers import is_identifying
from services.collector.request import identity
from services.collector.request.messages import Request

_FORWARDED = (b"x-forwarded-for", b"forwarded")
_FIRST_LETTERS = frozenset(b"CcFfXx")  # of Cookie and of these two


def recorded(request: Request, *, keeps_forwarded: bool) -> list[bytes]:
    """Return the header lines to record, in their order, cookies cleaned.

    Without `keeps_forwarded` the two headers that Enrich reads an address from are left out: the record's own address,
    which the collector has decided on, is then the one that counts. `SP-Anonymous` leaves out whatever identifies.
    """
    if identity.is_anonymous(request):
        return [line for line in request.lines if not is_identifying(line)]
    fields = request.fields
    drops = not keeps_forwarded and any(name in fields for name in _FORWARDED)
    if not drops and b"cookie" not in fields:
        return request.lines
    headers = []
    for line in request.lines:
        if line[0] in _FIRST_LETTERS:
            name = line.partition(b":")[0].lower()
            if name == b"cookie":
                if cookies := identity.clean_cookies(line[8:]):
                    headers.append(b"Cookie: " + cookies)
                continue
            if drops and name in _FORWARDED:
                continue
        headers.append(line)
    return headers
