"""What each request is answered, and which payload it leaves (wire contract B.1 to B.3)."""

import re
from base64 import b64decode
from typing import NamedTuple
from urllib.parse import unquote

from services.collector import identity, origins, payload, set_cookie
from services.collector.config import Collector
from services.collector.messages import Request, Response
from services.collector.origins import Origin
from wire.collector_payload import CollectorPayload


class Answer(NamedTuple):
    """The response, and what to store before it may be sent."""

    response: Response
    payload: CollectorPayload | None = None


class _Target(NamedTuple):
    """A request target taken apart; the query is the text after `?`, byte for byte."""

    hostname: str | None
    path: str
    query: str


_PLAIN = ("Content-Type", "text/plain")
_PLAIN_UTF8 = ("Content-Type", "text/plain; charset=UTF-8")
_NO_CACHE = ("Cache-Control", "no-cache, no-store, must-revalidate")
_CREDENTIALS = ("Access-Control-Allow-Credentials", "true")
_PIXEL = b64decode("R0lGODlhAQABAPAAAP///wAAACH5BAUAAAAALAAAAAABAAEAAAICRAEAOw==")
_ROBOTS = b"User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nDisallow: /\n\nUser-agent: AdsBot-Google\nDisallow: /"

_BAD_REQUEST = Answer(Response(400))
_NOT_FOUND = Answer(Response(404, [_PLAIN], b"Not found"))
_REDIRECTS_DISABLED = Answer(Response(404, [_PLAIN_UTF8], b"redirects disabled"))
_HEALTHY = Answer(Response(200, [_PLAIN], b"ok"))
_NO_ROBOTS = Answer(Response(200, [_PLAIN], _ROBOTS))

_URI_CHARACTERS = (
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?@!$&'()*+,;=%"
    b"[]"  # tolerated in the query
)
_BROKEN_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_AUTHORITY = re.compile(r"https?://([^/?@:\[\]]+|\[[^\]/?@]+\])(?::\d*)?(?=[/?]|$)")


def answer(config: Collector, request: Request) -> Answer:
    """Route the request."""
    target = _parse(request.target)
    if target is None:
        return _BAD_REQUEST
    segments = [unquote(segment) if "%" in segment else segment for segment in target.path.split("/")]
    method = request.method
    is_pair = len(segments) == 3 and segments[1] != "" and segments[2] != ""
    if is_pair and segments[1] == "r":
        return _REDIRECTS_DISABLED
    if method == "OPTIONS":
        return _preflight(config, request)
    path = "/".join(segments)
    if is_pair and method in ("GET", "HEAD", "POST"):
        return _event(config, request, target, config.paths.get(path, path))
    if method in ("GET", "HEAD") and path in ("/i", "/ice.png"):
        return _event(config, request, target, path)
    if method == "GET" and path == "/health":
        return _HEALTHY
    if method == "GET" and path == "/robots.txt":
        return _NO_ROBOTS
    return _NOT_FOUND


def _parse(target: bytes) -> _Target | None:
    if target.translate(None, _URI_CHARACTERS) or (b"%" in target and _BROKEN_PERCENT.search(target)):
        return None
    hostname = None
    text = target.decode("ascii")
    if not text.startswith("/") and text != "*":
        authority = _AUTHORITY.match(text)
        if authority is None:
            return None
        hostname, text = authority[1], text[authority.end() :]
    path, _, query = text.partition("?")
    return None if "[" in path or "]" in path else _Target(hostname, path, query)


def _event(config: Collector, request: Request, target: _Target, path: str) -> Answer:
    cookie = identity.cookie(request, config.cookie.name)
    user = identity.network_user_id(request, target.query, cookie)
    from_hosts = origins.parse(request.fields.get("origin"))
    headers = _cors(from_hosts)
    if request.method == "POST":
        headers.append(_PLAIN)
        body = b"ok"
    else:
        headers += [_NO_CACHE, ("Content-Type", "image/gif")]
        body = _PIXEL
    stored_user = set_cookie.header(
        config.cookie,
        user=user,
        origins=from_hosts,
        anonymous=identity.is_anonymous(request),
        has_cookie=cookie is not None,
    )
    if stored_user is not None:
        headers.append(stored_user)
    record = payload.build(request, hostname=target.hostname, path=path, querystring=target.query, network_user_id=user)
    return Answer(Response(200, headers, body), record)


def _preflight(config: Collector, request: Request) -> Answer:
    headers = [
        *_cors(origins.parse(request.fields.get("origin"))),
        ("Access-Control-Allow-Headers", "Content-Type, SP-Anonymous"),
        ("Access-Control-Max-Age", str(int(config.cors.access_control_max_age))),
    ]
    return Answer(Response(200, headers))


def _cors(from_hosts: list[Origin]) -> list[tuple[str, str]]:
    return [("Access-Control-Allow-Origin", from_hosts[0].text if from_hosts else "*"), _CREDENTIALS]
