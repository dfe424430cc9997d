"""The Set-Cookie header that keeps the network user id (wire contract B.5)."""

import re
from time import time

from services.collector.config import Cookie
from services.collector.messages import http_date
from services.collector.origins import Origin

# `nuid` is the sender's text: what is no cookie value could add attributes, and what is long would be kept by nobody.
_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]{1,256}", re.ASCII)


def header(
    config: Cookie, *, user: str, origins: list[Origin], anonymous: bool, has_cookie: bool
) -> tuple[str, str] | None:
    """Return the header that stores `user`, that deletes the cookie of an anonymous request, or None."""
    if not config.enabled or (anonymous and not has_cookie):
        return None
    if not anonymous and _VALUE.fullmatch(user) is None:
        return None
    lifetime = -int(config.expiration) if anonymous else int(config.expiration)
    parts = [f"{config.name}={'' if anonymous else user}", f"Expires={http_date(int(time()) + lifetime)}"]
    if (domain := _domain(config, origins)) is not None:
        parts.append(f"Domain={domain}")
    parts += ["Path=/", f"SameSite={config.same_site}"]
    if config.secure or config.same_site == "None":
        parts.append("Secure")
    if config.http_only:
        parts.append("HttpOnly")
    return ("Set-Cookie", "; ".join(parts))


def _domain(config: Cookie, origins: list[Origin]) -> str | None:
    for domain in config.domains:
        if any(origin.host == domain or origin.host.endswith(f".{domain}") for origin in origins):
            return domain
    return config.fallback_domain
