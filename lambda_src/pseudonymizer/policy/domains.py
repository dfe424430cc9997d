"""Domains: spaces of pseudonyms. Equal values have equal pseudonyms inside a domain, and nowhere else.

A policy lists its domains. Those named here are what parts of URLs and names of properties belong to without a rule.
"""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from lambda_src.pseudonymizer.errors import PolicyError

TEXT = "text"
"""What a rule without a domain means, and every value without a rule."""
PAGE = "page"
"""Path segments, fragments, user information, and query parameters that have no rule."""
HOST = "host"
NAME = "name"
"""Names of properties, parameters and schemas that the policy does not know."""

_WITHOUT_A_RULE = (TEXT, PAGE, HOST, NAME)
_NAME = re.compile("[a-z][a-z_]{0,31}")


class Domain(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a domain's members stand for, who writes them, and whether upper and lower case are one.

    `identity`: identifiers, in attributes that policy/identifying.yaml lists for this domain. `text`: whatever a
    sender writes. `derived`: what the enricher alone writes, so that nobody can ask for the pseudonym of a value of
    their choice.
    """

    means: str
    holds: Literal["identity", "text", "derived"]
    folds_case: bool = False


def check(domains: Mapping[str, Domain]) -> None:
    """Raise PolicyError for a name that cannot be one, and where a domain that parts without a rule need is missing."""
    for name in domains:
        if not _NAME.fullmatch(name):
            raise PolicyError(f"domains.{name}: a domain has up to 32 lower-case letters and _")
    for name in _WITHOUT_A_RULE:
        if name not in domains or domains[name].holds != "text":
            raise PolicyError(f"domains: {name} is needed for what has no rule, and holds text")
