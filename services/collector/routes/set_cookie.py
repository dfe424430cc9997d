"""The Set-Cookie header that keeps the network user id.

Wire contract (docs/reference/wire-contract.md): B.5 Cookie.
"""

from functools import lru_cache
from time import time

from services.collector.config.settings import Cookie
from services.collector.request.messages import http_date
from services.collector.request.origins import Origin

# `nuid` is the sender's text: anything but a cookie value could add attributes, and no browser keeps a long one.
_CHARACTERS = bytes(set(range(0x21, 0x7F)) - set(b'",;\\'))
_LONGEST = 256


class SetCookie:
    """Renders the header lines for one configuration."""

    def __init__(self, config: Cookie) -> None:
        self._config = config
        self._name = config.name.encode()
        self._attributes = lru_cache(maxsize=64)(self._render_attributes)
        self._secure = "; Secure" if config.secure or config.same_site == "None" else ""

    def lines(self, user: bytes, domain: str | None, *, anonymous: bool, has_cookie: bool) -> bytes:
        """Return the header lines that store `user`, or that delete the cookie of an anonymous request, or none."""
        config = self._config
        if not config.enabled:
            return b""
        lifetime = int(config.expiration)
        if anonymous:
            if not has_cookie:
                return b""
            user, lifetime = b"", -lifetime
        elif not 0 < len(user) <= _LONGEST or user.translate(None, _CHARACTERS):
            return b""
        attributes, for_scripts = self._attributes(domain, int(time()) + lifetime)
        line = b"Set-Cookie: %b=%b%b" % (self._name, user, attributes)
        if config.client_cookie_name is None:
            return line
        return b"%bSet-Cookie: %b=%b%b" % (line, config.client_cookie_name.encode(), user, for_scripts)

    def domain(self, origins: list[Origin]) -> str | None:
        """Choose the cookie's domain: the first one configured that an origin is part of, or the fallback."""
        for domain in self._config.domains:
            if any(origin.host == domain or origin.host.endswith(f".{domain}") for origin in origins):
                return domain
        return self._config.fallback_domain

    def _render_attributes(self, domain: str | None, expiry: int) -> tuple[bytes, bytes]:
        """Return what follows the value, for our own cookie and for the one that scripts may read."""
        where = "" if domain is None else f"; Domain={domain}"
        text = f"; Expires={http_date(expiry)}{where}; Path=/; SameSite={self._config.same_site}{self._secure}"
        http_only = "; HttpOnly" if self._config.http_only else ""
        return f"{text}{http_only}\r\n".encode(), f"{text}\r\n".encode()
