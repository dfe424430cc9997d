"""Rules in plain words, for `explain` and `diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambda_src.pseudonymizer.policy.policy import Allow, Policy, Pseudonymize, Rule, Truncate, can_hold_pseudonym
from wire.columns import Column, ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambda_src.pseudonymizer.policy.policy import Vocabulary

KINDS = {
    ColumnKind.TIMESTAMP: "a time",
    ColumnKind.INTEGER: "a whole number",
    ColumnKind.DECIMAL: "a decimal number",
    ColumnKind.FLOAT: "a number",
    ColumnKind.BYTE: "0 or 1",
}
_COARSE = {
    "ip": "an IP address as its network",
    "coordinate": "a coordinate as its degree",
    "time": "a time as its minute",
    "version": "a version as its first two parts",
    "number": "a number as its first two digits",
}
_WORDS = {
    "pseudonymize": "is replaced by its pseudonym in the domain text",
    "erase": "is erased",
    "url": "is shown part by part as a URL: listed schemes, hosts, ports and query parameters stay, "
    "each other part is replaced by its pseudonym",
    "url.scheme": "is shown when `urls.schemes` lists it, else erased",
    "url.host": "is shown when `urls.hosts` lists it, else replaced by its pseudonym",
    "url.port": "is shown when `urls.ports` lists it, else erased",
    "url.path": "keeps its slashes; each segment is replaced by its pseudonym",
    "url.query": "is shown by parameter: the names in `urls.query` and what their rules allow; "
    "the rest is replaced by pseudonyms",
    "url.fragment": "is replaced by its pseudonym",
    "schema_key": "is shown when it is made of names of this policy's schemas; each other name becomes a pseudonym",
    "schema_key.vendor": "is shown when a schema of this policy has this vendor, else replaced by its pseudonym",
    "schema_key.name": "is shown when a schema of this policy has this name, else replaced by its pseudonym",
    "by_schema": "is self-describing JSON: each property follows the rules of its schema",
    "by_schema.base64": "is self-describing JSON in base64: each property follows the rules of its schema",
    "columns": "is an object of columns: each follows the rule of its column",
    "parameters": "is an object of tracker parameters: each follows the rule of its parameter",
    "parameter": "is one tracker parameter and follows the rule of that parameter",
    "header": "is a line of the request and follows the rule of that header; other lines become pseudonyms",
    "time": "is shown when it is a time within the window around the collector's, else erased",
    "message": "says why the event failed: known texts are shown without the values they quote, "
    "others are replaced by their pseudonym",
    "property_path": "is a path: names of the policy and small indices are shown, other names become pseudonyms",
}


def what_happens(rule: Rule, policy: Policy, column: Column | None = None) -> str:
    """Return what a rule does to a value, to be read after the attribute's name."""
    fits = column is None or can_hold_pseudonym(column)
    otherwise = "else replaced by its pseudonym" if fits else "else erased"
    if isinstance(rule, Pseudonymize):
        return f"is replaced by its pseudonym in the domain {rule.pseudonymize}"
    if isinstance(rule, Allow):
        if rule.otherwise is not None:
            otherwise = f"else {what_happens(rule.otherwise, policy).removeprefix('is ')}"
        return f"is shown when it is {admitted(vocabulary_of(rule, policy))}, {otherwise}"
    if rule == "allow" and column is not None and column.kind is ColumnKind.TIMESTAMP:
        return "is shown when it is a time within the window around the collector's, else erased"
    if rule == "allow" and column is not None:
        return f"is shown when it is {KINDS[column.kind]}, {otherwise}"
    if rule == "erase" and not fits:
        return "is erased, for a pseudonym would not fit into it"
    if isinstance(rule, Truncate) and rule.truncate in ("time", "version", "number"):
        return f"is shown coarsely, {_COARSE[rule.truncate]}, else erased"
    if isinstance(rule, Truncate):
        return f"is shown coarsely, {_COARSE[rule.truncate]}, {otherwise}"
    return _WORDS[rule]


def vocabulary_of(rule: Allow, policy: Policy) -> Vocabulary:
    """Return the vocabulary that an `allow` names or holds."""
    return policy.vocabularies[rule.allow] if isinstance(rule.allow, str) else rule.allow


def admitted(vocabulary: Vocabulary) -> str:
    """Return what a vocabulary admits."""
    if vocabulary.values is None:
        return f"text of the form `{vocabulary.pattern}`"
    return listed(sorted(vocabulary.values), "or")


def listed(items: Iterable[str], last: str = "and") -> str:
    """Return `a, b and c`."""
    *first, end = items
    return f"{', '.join(first)} {last} {end}" if first else end
