"""Pages that are the same for everybody: GET of a path that is not an event route.

Wire contract (docs/reference/wire-contract.md): B.1 Routing.
"""

from base64 import b64decode

from services.collector.config.settings import Collector, CrossDomain, Hsts
from services.collector.request.messages import Response

PIXEL = b64decode("R0lGODlhAQABAPAAAP///wAAACH5BAUAAAAALAAAAAABAAEAAAICRAEAOw==")
PLAIN = ("Content-Type", "text/plain; charset=UTF-8")
_ROBOTS = b"User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nDisallow: /\n\nUser-agent: AdsBot-Google\nDisallow: /"


def build(config: Collector) -> dict[bytes, Response]:
    """Return the answers by path, as configured."""
    pages = {
        b"/health": Response.of(200, [PLAIN], b"ok"),
        b"/robots.txt": Response.of(200, [PLAIN], _ROBOTS),
    }
    root = config.root_response
    if root.enabled:
        pages[b"/"] = Response.of(root.status_code, list(root.headers.items()), root.body.encode())
    if config.cross_domain.enabled:
        pages[b"/crossdomain.xml"] = Response.of(200, [("Content-Type", "text/xml")], _policy(config.cross_domain))
    return pages


def hsts_line(config: Hsts) -> bytes:
    """Return the header line that every answer has, or nothing."""
    if not config.enable:
        return b""
    return b"Strict-Transport-Security: max-age=%d; includeSubDomains\r\n" % int(config.max_age)


def _policy(config: CrossDomain) -> bytes:
    secure = "true" if config.secure else "false"
    domains = [f'<allow-access-from domain="{domain}" secure="{secure}" />' for domain in config.domains]
    return "\n".join(['<?xml version="1.0"?>', "<cross-domain-policy>", *domains, "</cross-domain-policy>"]).encode()
