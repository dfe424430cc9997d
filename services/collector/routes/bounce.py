"""The cookie bounce and do-not-track: what keeps a request from being recorded.

Wire contract (docs/reference/wire-contract.md): B.6 Do-not-track and bounce.
"""

from services.collector.config.settings import CookieBounce, DoNotTrackCookie, full_matcher
from services.collector.request import identity
from services.collector.request.messages import Request
from services.collector.request.targets import Target


class Bounce:
    """Redirects a browser without a cookie to the same URL once, with a mark, to see whether it keeps one."""

    def __init__(self, config: CookieBounce) -> None:
        self._mark = config.name.encode()
        self._protocol_header = (config.forwarded_protocol_header or "").lower().encode()
        self.fallback = config.fallback_network_user_id.encode()

    def is_second_leg(self, target: Target) -> bool:
        """Return whether the request has the mark of the redirect."""
        return self._mark in target.query

    def location(self, request: Request, target: Target) -> bytes:
        """Return the request's own URI with the mark, under the scheme that the proxy says it came by."""
        separator = b"&" if b"?" in request.target else b"?"
        location = b"%b%b%b=true" % (request.target, separator, self._mark)
        schemes = request.all(self._protocol_header)[:1]
        if target.hostname is not None and schemes and schemes[0] in (b"http", b"https"):
            return schemes[0] + location[location.index(b":") :]
        return location


class DoNotTrack:
    """Recognises requests with the configured cookie."""

    def __init__(self, config: DoNotTrackCookie) -> None:
        self._name = config.name.encode()
        self._matches = full_matcher(config.value)

    def is_asked_by(self, request: Request) -> bool:
        """Return whether the request carries the cookie with a matching value."""
        value = identity.cookie(request, self._name)
        return value is not None and self._matches(value.decode("ascii"))
