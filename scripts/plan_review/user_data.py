"""An instance's user data: the settings of collector and enricher in it, which no attribute of the plan shows.

modules/instance-group writes cloud-init's `write_files` as YAML, gzipped and in base64. Only the settings named here
are printed; everything else is named by its key.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

import yaml

from scripts.plan_review.findings import Finding, code
from scripts.plan_review.plan import Action
from scripts.plan_review.values import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

COLLECTOR = "/etc/snowveil/collector.json"
ENRICHMENTS = "/etc/snowveil/enrichments/"
# The more of these there are, the more pages, hosts or proxies are trusted.
WIDENING_LISTS = {
    "cookie.domains": "the cookie is sent to",
    "cookie.fallbackDomain": "the cookie is sent to",
    "crossDomain.domains": "documents of these domains may send requests with the cookie:",
    "redirectDomains": "links may lead through the collector to",
    "networking.trustedProxies": "the client's address is believed from",
    "paths": "requests are taken at",
}
# A setting, the value that protects, and what any other does.
PROTECTING: dict[str, tuple[Any, str]] = {
    "cookie.secure": (True, "the cookie travels in clear"),
    "cookie.httpOnly": (True, "scripts of the page read the cookie"),
    "cookie.sameSite": ("Strict", "other sites' requests carry the cookie"),
    "crossDomain.enabled": (None, "other sites' documents may send requests with the cookie"),
    "enableDefaultRedirect": (None, "the collector redirects to where a request says"),
    "cookieBounce.enabled": (None, "a request without the cookie is redirected, to set it"),
    "hsts.enable": (True, "browsers may come by plain HTTP"),
    "doNotTrackCookie.enabled": (True, "who asked not to be tracked is tracked"),
    "cors.accessControlMaxAge": (None, "browsers ask less, or more, often whether they may send"),
    "rootResponse.enabled": (None, "the collector answers at / with what the settings say"),
}
# Enrichments that take something away from an event before it is written.
REMOVING = ("anon_ip", "pii_enrichment_config", "cookie_extractor_config", "http_header_extractor_config")
LOOKS_AT = {"aws_launch_template": ("user_data",)}


def findings(plan: Plan) -> Iterator[Finding]:
    """Yield the settings that trust more, and the enrichments that take away less."""
    for change in plan.changes:
        if change.type != "aws_launch_template" or change.action not in (Action.UPDATE, Action.REPLACE):
            continue
        if change.before.get("user_data") == change.after.get("user_data"):
            continue
        before, after = (_files(getattr(change, side).get("user_data")) for side in ("before", "after"))
        if before is None or after is None:
            text = "its settings cannot be compared: the user data is known only after apply, hidden, or not ours"
            yield Finding("collector-opened", change.address, text)
            continue
        yield from _collector(change, before.get(COLLECTOR), after.get(COLLECTOR))
        yield from _enrichments(change, before, after)
        named = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        if named:
            text = "its files on the instance change"
            yield Finding("instances-refreshed", change.address, text, tuple(_lines(named, before, after)))


def _files(user_data: Any) -> dict[str, Any] | None:
    """Return the files that cloud-init writes, by path, JSON decoded, `runcmd` beside them; None if that is unknown."""
    if not isinstance(user_data, str):
        return {} if user_data is None else None
    try:
        text = base64.b64decode(user_data, validate=True)
        text = gzip.decompress(text) if text[:2] == b"\x1f\x8b" else text
        document = yaml.safe_load(text)
        files = {entry["path"]: _document(entry["content"]) for entry in document.get("write_files", [])}
        return files | {"runcmd": document.get("runcmd", [])}
    except (binascii.Error, OSError, EOFError, zlib.error, yaml.YAMLError, UnicodeDecodeError, KeyError):
        return None
    except (AttributeError, TypeError):  # YAML that is not a cloud-config
        return None


def _document(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def _lines(names: list[str], before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name in names:
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            was, is_now = dict(leaves(old)), dict(leaves(new))
            keys = sorted(key for key in was.keys() | is_now.keys() if was.get(key) != is_now.get(key))
            yield f"{code(name)}: {', '.join(map(code, keys))}"
        else:
            yield f"{code(name)} {'is new' if old is None else 'is gone' if new is None else 'changes'}"


def _collector(change: Change, before: Any, after: Any) -> Iterator[Finding]:
    if not isinstance(after, dict):
        return
    old, new = ((part or {}).get("collector", {}) for part in (before, after))
    lines = []
    for name, meaning in WIDENING_LISTS.items():
        if added := sorted(_many(_setting(new, name)) - _many(_setting(old, name))):
            lines.append(f"{meaning} {', '.join(map(code, added))} ({code(name)})")
    for name, (safe, meaning) in PROTECTING.items():
        was, is_now = _setting(old, name), _setting(new, name)
        if was != is_now and is_now != safe and not (safe is None and is_now is False):
            lines.append(f"{code(name)} {code(was)} → {code(is_now)}: {meaning}")
    if lines:
        yield Finding("collector-opened", change.address, "the collector trusts more", tuple(lines))


def _setting(settings: dict[str, Any], name: str) -> Any:
    value: Any = settings
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _many(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {f"{key} → {part}" for key, part in value.items()}
    return set(map(str, value)) if isinstance(value, list) else {str(value)} if value else set()


def _enrichments(change: Change, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Finding]:
    for name in sorted(before.keys() | after.keys()):
        if not name.startswith(ENRICHMENTS) or before.get(name) == after.get(name):
            continue
        removing = name.removeprefix(ENRICHMENTS).removesuffix(".json") in REMOVING
        kind = "enrichment-weakened" if removing and name in before else "transform-changed"
        verb = "is gone" if name not in after else "is new" if name not in before else "has other settings"
        yield Finding(kind, change.address, f"the enrichment {code(name.removeprefix(ENRICHMENTS))} {verb}")
