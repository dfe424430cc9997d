"""What looks like an account id or an IP address is masked in everything that leaves the program.

One value has one mask in a review, so that a reader still sees what is the same and what changes. "Everyone"
(0.0.0.0/0, ::/0) and the length of a prefix stay: they are what is reviewed.
"""

from __future__ import annotations

import ipaddress
import re

PRIVATE = [
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128")
]
_ACCOUNT = re.compile(r"(?<![0-9a-zA-Z])\d{12}(?![0-9a-zA-Z])")
_V4 = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"
_V6 = r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])"
_ADDRESS = re.compile(f"{_V4}|{_V6}")


class Mask:
    """Replaces account ids and addresses in texts. `own` is the environment's account."""

    def __init__(self, own: str | None) -> None:
        self._names: dict[str, str] = {own: "«account»"} if own else {}

    def text(self, value: str) -> str:
        """Return `value` masked."""
        return _ADDRESS.sub(self._address, _ACCOUNT.sub(self._account, value))

    def _account(self, match: re.Match[str]) -> str:
        return self._name(match[0], "other account")

    def _address(self, match: re.Match[str]) -> str:
        try:
            address = ipaddress.ip_address(match[0])
        except ValueError:
            return match[0]
        if address.is_unspecified:
            return match[0]
        private = any(address in network for network in PRIVATE if network.version == address.version)
        return self._name(match[0], "private address" if private else "public address")

    def _name(self, value: str, kind: str) -> str:
        if value not in self._names:
            number = sum(name.startswith(f"«{kind}") for name in self._names.values()) + 1
            self._names[value] = f"«{kind} {number}»"
        return self._names[value]
