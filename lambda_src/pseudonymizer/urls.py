"""URLs by their parts. A part has the same pseudonym in a URL and in a column or property of its own: joins work.

It does not matter if a reader takes a URL apart in another way than this one: a part is shown only when it is on the
policy's lists as a whole, all other text becomes pseudonyms. A path, a query and a fragment are percent-decoded once
before they are hashed, so that `?user=a%40b` gives the pseudonym of `a@b`.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from lambda_src.pseudonymizer.actions import Actions, TextAction
from lambda_src.pseudonymizer.policy import Policy

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]+)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_SEPARATOR = re.compile("([&;])")


class Urls:
    """The treatment of URLs and of their parts."""

    def __init__(self, policy: Policy, actions: Actions, query: Mapping[str, TextAction]) -> None:
        """`query` are the actions on the values of the listed query parameters."""
        self._actions = actions
        self._schemes = policy.schemes
        self._hosts = frozenset(host for host in policy.hosts if not host.startswith("*."))
        self._domains = tuple(host.removeprefix("*") for host in policy.hosts if host.startswith("*."))
        self._ports = frozenset(map(str, policy.ports))
        self._query = query

    def url(self, text: str) -> str:
        """Treat a URL part by part; what is no URL of a listed scheme is pseudonymized whole."""
        match = _URL.fullmatch(text)
        if match is None or match[1].lower() not in self._schemes:
            return self._actions.pseudonymize(text)
        scheme, authority, path, query, fragment = match.groups()
        user_info, at, host_and_port = authority.rpartition("@")
        host, port = self._host_and_port(host_and_port)
        shown = [self._actions.allowed(scheme.lower()), "://", self._actions.pseudonymize(user_info), at, host, port]
        shown.append(self.path(path))
        if query:
            shown += "?", self.query(query[1:])
        if fragment:
            shown += "#", self.fragment(fragment[1:])
        return "".join(shown)

    def scheme(self, text: str) -> str | None:
        """Show a listed scheme, in lower case; erase another, the column is too short for a pseudonym."""
        scheme = text.lower()
        return self._actions.allowed(scheme) if scheme in self._schemes else self._actions.erase(text)

    def host(self, text: str) -> str:
        """Show a listed host, in lower case, and the listed domain of another; pseudonymize the rest."""
        host = text.lower()
        if host in self._hosts:
            return self._actions.allowed(host)
        for domain in self._domains:
            if host.endswith(domain):
                return self._actions.pseudonymize(host.removesuffix(domain)) + self._actions.allowed(domain)
        return self._actions.pseudonymize(text)

    def port(self, text: str) -> str | None:
        """Show a listed port; erase another, the column is a number."""
        return self._actions.allowed(text) if text in self._ports else self._actions.erase(text)

    def path(self, text: str) -> str:
        """Pseudonymize each segment."""
        return "/".join([self._actions.pseudonymize(_decoded(segment)) for segment in text.split("/")])

    def query(self, text: str) -> str:
        """Show the listed parameter names and what their rule shows of their values; pseudonymize the rest."""
        return "".join(
            [
                part if part in "&;" else self._parameter(part)
                for part in _SEPARATOR.split(text)
            ]
        )  # fmt: skip

    def fragment(self, text: str) -> str:
        """Pseudonymize it whole."""
        return self._actions.pseudonymize(_decoded(text))

    def _host_and_port(self, text: str) -> tuple[str, str]:
        host, colon, port = text.rpartition(":")
        if not colon or (port and not (port.isascii() and port.isdigit())):
            return self.host(text), ""
        shown = self.port(port) if port else None
        return self.host(host), f":{shown}" if shown else ""

    def _parameter(self, text: str) -> str:
        encoded_name, equals, value = text.partition("=")
        name = _decoded(encoded_name.replace("+", " "))
        action = self._query.get(name)
        if action is None:
            action = self._actions.pseudonymize
            name = self._actions.pseudonymize(name)
        else:
            self._actions.allowed(name)
        shown = action(_decoded(value.replace("+", " "))) if value else ""
        if shown and not (shown.isascii() and shown.isalnum()):
            shown = quote(shown, safe="")
        return f"{name}{equals}{shown or ''}"


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text
