"""Event requests: their answers and the records they leave.

Wire contract (docs/reference/wire-contract.md): B.1 Routing, B.3 Response headers, B.5 Cookie, B.6 Do-not-track and
bounce.
"""

from functools import lru_cache
from typing import NamedTuple

import msgspec

from services.collector.config.settings import Collector
from services.collector.record import headers, payload
from services.collector.request import identity, origins
from services.collector.request.addresses import UNKNOWN, Addresses
from services.collector.request.messages import Request, Response
from services.collector.request.targets import Target
from services.collector.routes import redirects
from services.collector.routes.bounce import Bounce, DoNotTrack
from services.collector.routes.pages import PIXEL
from services.collector.routes.set_cookie import SetCookie

_CREDENTIALS = b"Access-Control-Allow-Credentials: true\r\n"
_NO_CACHE = b"Cache-Control: no-cache, no-store, must-revalidate\r\n"
_OK = b"HTTP/1.1 200 OK\r\n"


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The response, and what to store before it may be sent: a record and its partition key."""

    response: Response
    record: bytes | None = None
    key: bytes = b""


class _ForOrigin(NamedTuple):
    """What depends on the `Origin` header alone."""

    cors: bytes
    ok: bytes
    pixel: bytes
    cookie_domain: str | None


class Events:
    """Answers event requests for one configuration."""

    def __init__(self, config: Collector) -> None:
        self._cookie_name = config.cookie.name.encode()
        self._set_cookie = SetCookie(config.cookie)
        proxies = config.networking.trusted_proxies
        self._addresses = Addresses(None if proxies == "any" else proxies)
        self._keeps_forwarded = proxies == "any"
        self._redirect_hosts = frozenset(host.lower() for host in config.redirect_domains)
        self._bounce = Bounce(config.cookie_bounce) if config.cookie_bounce.enabled else None
        self._do_not_track = DoNotTrack(config.do_not_track_cookie) if config.do_not_track_cookie.enabled else None
        self._is_key_the_address = config.streams.use_ip_address_as_partition_key
        # Trackers come from few sites, again and again.
        self._for_origin = lru_cache(maxsize=256)(self._of_origin)

    def answer(self, request: Request, target: Target, path: bytes) -> Answer:
        """Answer and record an event request; `path` is the mapped path."""
        sent_cookie = identity.cookie(request, self._cookie_name)
        anonymous = identity.is_anonymous(request)
        known = identity.ANONYMOUS_USER if anonymous else identity.parameter(target.query, b"nuid") or sent_cookie
        user = known or self._new_user(target)
        is_recorded = self._do_not_track is None or not self._do_not_track.is_asked_by(request)
        for_origin = self._for_origin(request.fields.get(b"origin"))
        cookies = b""
        if is_recorded:
            cookies = self._set_cookie.lines(
                user, for_origin.cookie_domain, anonymous=anonymous, has_cookie=sent_cookie is not None
            )
        is_post = request.method == b"POST"
        if path.startswith(b"/r/"):
            response = self._redirect(target.query, for_origin.cors + cookies + (b"" if is_post else _NO_CACHE))
        elif is_post:
            response = Response(for_origin.ok + cookies, b"ok")
        elif self._bounce is not None and not known and not self._bounce.is_second_leg(target):
            location = self._bounce.location(request, target)
            lines = b"%b%b%bLocation: %b\r\n" % (for_origin.cors, cookies, _NO_CACHE, location)
            return Answer(Response.with_lines(302, lines))
        else:
            response = Response(for_origin.pixel + cookies, PIXEL)
        if not is_recorded:
            return Answer(response)
        address = self._addresses.of(request)
        key = address if self._is_key_the_address and address != UNKNOWN else identity.new_id()
        recorded = headers.recorded(request, is_anonymous=anonymous, keeps_forwarded=self._keeps_forwarded)
        return Answer(response, payload.build(request, target, path, address, user, recorded), key)

    def cors(self, request: Request) -> bytes:
        """Return the header lines that let the request's origin read the answer."""
        return self._for_origin(request.fields.get(b"origin")).cors

    def _of_origin(self, header: bytes | None) -> _ForOrigin:
        listed = origins.parse(header)
        origin = listed[0].text if listed else b"*"
        cors = b"Access-Control-Allow-Origin: %b\r\n%b" % (origin, _CREDENTIALS)
        ok = b"%b%bContent-Type: text/plain\r\nContent-Length: 2\r\n" % (_OK, cors)
        pixel = b"%b%b%bContent-Type: image/gif\r\nContent-Length: %d\r\n" % (_OK, cors, _NO_CACHE, len(PIXEL))
        return _ForOrigin(cors, ok, pixel, self._set_cookie.domain(listed))

    def _new_user(self, target: Target) -> bytes:
        if self._bounce is not None and self._bounce.is_second_leg(target):
            return self._bounce.fallback  # of browsers that refuse the cookie
        return identity.new_id()

    def _redirect(self, query: bytes, lines: bytes) -> Response:
        url = identity.parameter(query, b"u")
        if url is None or not redirects.is_allowed(url, self._redirect_hosts):
            return Response.with_lines(400, lines)
        return Response.with_lines(302, b"%bLocation: %b\r\n" % (lines, url))
