"""URLs by their parts. A part has the same pseudonym in a URL and in a column of its own: joins work, inside a domain.

It does not matter if a reader takes a URL apart in another way than this one: a part is shown only when it is on the
policy's lists as a whole, all other text becomes pseudonyms. A query is decoded as the enricher decodes it for its
columns (`wire/querystring.py`), a path and a fragment are percent-decoded once: `?user=a%40b` gives that of `a@b`.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from lambda_src.pseudonymizer.policy.domains import HOST, PAGE
from lambda_src.pseudonymizer.policy.policy import Policy
from lambda_src.pseudonymizer.policy.vocabulary import LONGEST_ALLOWED, MOST_REMEMBERED
from lambda_src.pseudonymizer.transform.actions import Actions, TextAction, taken_apart
from wire import querystring

_SEPARATOR = re.compile(f"({querystring.SEPARATOR.pattern})")


class Urls:
    """The treatment of URLs and of their parts; `scheme`, `host` and `port` are actions on columns of their own."""

    def __init__(self, policy: Policy, actions: Actions, query: Mapping[str, TextAction]) -> None:
        """`query` are the actions on the values of the listed query parameters."""
        self._counts = actions.counts
        self._allowed = actions.allowed
        self._erase = actions.erase
        self._pseudonymize = actions.in_domain(PAGE)
        self._pseudonymize_host = actions.in_domain(HOST)
        self._schemes = policy.schemes
        self._hosts = frozenset(host for host in policy.hosts if not host.startswith("*."))
        self._domains = tuple(host.removeprefix("*") for host in policy.hosts if host.startswith("*."))
        self._query = {name: taken_apart(action, actions.counts) for name, action in query.items()}
        # Queries that were met and are shown as they are, with the number of their names and values.
        self._shown_queries: dict[str, int] = {}
        self.scheme = actions.allow_each(self._schemes, self._scheme)
        self.host = actions.allow_each(self._hosts, self._host)
        self.port = actions.allow_each([str(port) for port in policy.ports], actions.erase)

    def url(self, text: str) -> str:
        """Treat a URL part by part; what is not a URL of a listed scheme is pseudonymized whole."""
        rest, number_sign, fragment = text.partition("#")
        rest, question_mark, query = rest.partition("?")
        scheme, _, rest = rest.partition("://")
        authority, slash, path = rest.partition("/")
        scheme = scheme.lower()
        if not authority or scheme not in self._schemes or not scheme.isascii():
            return self._pseudonymize(text)
        self._counts.allowed += 1
        if authority in self._hosts:  # nothing beside the host: most URLs
            self._counts.allowed += 1
        else:
            authority = self._authority(authority)
        shown = f"{scheme}://{authority}"
        if slash:
            shown = f"{shown}/{self.path(path)}"
        if question_mark:
            shown = f"{shown}?{self.query(query)}"
        return f"{shown}#{self.fragment(fragment)}" if number_sign else shown

    def path(self, text: str) -> str:
        """Pseudonymize each segment."""
        # Without a percent sign in it there is nothing to decode; the pseudonym of nothing is nothing.
        hide = self._decode_and_pseudonymize if "%" in text else self._pseudonymize
        return "/".join([hide(segment) if segment else "" for segment in text.split("/")])

    def query(self, text: str) -> str:
        """Show the listed parameter names and what their rule shows of their values; pseudonymize the rest."""
        if text in self._shown_queries:
            self._counts.allowed += self._shown_queries[text]
            return text
        if ";" in text:
            return "".join(
                [part if part in "&;" else self._parameter(part) for part in _SEPARATOR.split(text)]
            )  # fmt: skip
        if "%" in text or "+" in text:
            return "&".join([self._parameter(part) for part in text.split("&")])
        rules = self._query
        parts = text.split("&")
        allowed = 0
        for position, part in enumerate(parts):
            name, _, value = part.partition("=")
            # Most parameters are listed and have a value that stays as it is.
            if name in rules and value.isalnum() and value.isascii() and rules[name].shows(value):
                allowed += 2
            else:
                parts[position] = self._parameter(part)
        self._counts.allowed += allowed
        if allowed == 2 * len(parts) and len(text) <= LONGEST_ALLOWED and len(self._shown_queries) < MOST_REMEMBERED:
            self._shown_queries[text] = allowed
        return "&".join(parts)

    def fragment(self, text: str) -> str:
        """Pseudonymize it whole."""
        return self._decode_and_pseudonymize(text)

    def _decode_and_pseudonymize(self, text: str) -> str:
        return self._pseudonymize(_decoded(text))

    def _scheme(self, text: str) -> str | None:
        """Show a listed scheme in lower case; erase another, the column is too short for a pseudonym."""
        scheme = text.lower()
        return self._allowed(scheme) if scheme in self._schemes else self._erase(text)

    def _host(self, text: str) -> str:
        """Show a listed host in lower case, and the listed domain of another; pseudonymize the rest."""
        host = text.lower()
        if host in self._hosts:
            return self._allowed(host)
        for domain in self._domains:
            if host.endswith(domain):
                return self._pseudonymize_host(host.removesuffix(domain)) + self._allowed(domain)
        return self._pseudonymize_host(host)

    def _authority(self, text: str) -> str:
        user_info, at, host_and_port = text.rpartition("@")
        host, colon, port = host_and_port.rpartition(":")
        if not colon or (port and not (port.isascii() and port.isdigit())):
            host, port = host_and_port, ""
        shown_port = self.port(port) if port else None
        shown = f"{self._pseudonymize(user_info)}{at}{self.host(host)}"
        return f"{shown}:{shown_port}" if shown_port else shown

    def _parameter(self, text: str) -> str:
        name, equals, value = text.partition("=")
        name, value = querystring.decoded(name), querystring.decoded(value)
        allow = self._query.get(name)
        if allow is None:
            return f"{self._pseudonymize(name)}{equals}{self._pseudonymize(value)}"
        self._counts.allowed += 1
        if not value:
            return f"{name}{equals}"
        if allow.shows(value):
            self._counts.allowed += 1
            shown: str | None = value
        else:
            shown = allow.otherwise(value)
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
