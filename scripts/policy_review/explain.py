"""What happens to one attribute, why, and which line of the policy decides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.policy_review.rules import because
from scripts.policy_review.wording import listed, what_happens
from wire.columns import COLUMNS, INDEX
from wire.self_describing import SchemaKey, SchemaKeyError
from wire.tracker_protocol import PARAMETERS

if TYPE_CHECKING:
    from lambda_src.pseudonymizer.policy.policy import Policy, Rule
    from scripts.policy_review.document import Document, YamlPath
    from scripts.policy_review.identifying import Identifying
    from wire.self_describing import Criterion

_URL_PARTS = ("scheme", "user", "host", "port", "path", "query", "fragment")
_INDEX = re.compile(r"\[[0-9]+\]")


class UnknownAttributeError(ValueError):
    """There is no such column, schema or part; the text says what is expected."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence, and `file:line` of what decides."""

    sentence: str
    at: str

    def __str__(self) -> str:
        return f"{self.sentence}\n  decided in {self.at}"


class Explainer:
    """Explains one policy."""

    def __init__(self, document: Document, policy: Policy, identifying: Identifying) -> None:
        self._document = document
        self._policy = policy
        self._identifying = identifying

    def column(self, name: str, part: str | None = None) -> Explanation:
        """Explain a column, or a part of the URL in it. Raises UnknownAttributeError."""
        if name not in INDEX:
            raise UnknownAttributeError(
                f"{name}: no column of an enriched event, and no schema, which begins with iglu:"
            )
        rule = self._policy.columns[name]
        if part is not None:
            return self._part(name, rule, part)
        return self._said(
            f"The column {name}", ("columns", name), what_happens(rule, self._policy, COLUMNS[INDEX[name]])
        )

    def schema(self, uri: str, path: str | None = None, part: str | None = None) -> Explanation:
        """Explain a property of a schema, or the schema itself. Raises UnknownAttributeError."""
        try:
            key = SchemaKey.parse(uri)
        except SchemaKeyError as problem:
            raise UnknownAttributeError(f"{uri}: {problem}") from None
        criterion = next((each for each in self._policy.schemas if each.matches(key)), None)
        if criterion is None:
            sentence = f"No criterion covers {uri}: every key and value in its data is replaced by its pseudonym."
            return Explanation(sentence, self._document.at(("schemas",)))
        at = ("schemas", str(criterion))
        if path is None:
            sentence = (
                f"The name {uri} is shown; of its data the named properties follow their rules, others are hidden."
            )
            return Explanation(sentence, self._document.at(at))
        path = _INDEX.sub("[]", path).removeprefix("$.")
        return self._property(f"The property {path} of {uri}", criterion, path, part)

    def _property(self, what: str, criterion: Criterion, path: str, part: str | None) -> Explanation:
        rules = self._policy.schemas[criterion]
        at = ("schemas", str(criterion))
        if path in rules:
            if part is not None:
                return self._part(what, rules[path], part)
            return self._said(what, (*at, path), what_happens(rules[path], self._policy))
        outer = max((each for each in rules if path.startswith((f"{each}.", f"{each}["))), key=len, default=None)
        if outer is not None:
            return self._inside(what, (*at, outer), rules[outer], path.removeprefix(outer).lstrip("."))
        named = sorted(each for each in rules if each.startswith((f"{path}.", f"{path}[")))
        if named:
            sentence = (
                f"{what} keeps its shape and follows the rules of {listed(named)}; a value in its place is hidden."
            )
            return Explanation(sentence, self._document.at((*at, named[0])))
        sentence = f"{what} is not named: its key and its value are replaced by their pseudonyms."
        return Explanation(sentence, self._document.at(at))

    def _inside(self, what: str, at: YamlPath, rule: Rule, rest: str) -> Explanation:
        if rule == "columns" and rest in INDEX:
            # In a failed event there is room for a pseudonym everywhere.
            happens = what_happens(self._policy.columns[rest], self._policy)
            return self._said(f"{what}, a column,", ("columns", rest), happens)
        if rule == "parameters":
            return self._parameter(rest)
        if rule in ("by_schema", "parameter"):
            return self._said(what, at, f"is inside of {at[-1]}, which {what_happens(rule, self._policy)}")
        text = f"is inside of {at[-1]} and not named: its key and its value are replaced by their pseudonyms"
        return self._said(what, at, text)

    def _part(self, what: str, rule: Rule, part: str) -> Explanation:
        if rule == "header":
            header = part.lower()
            if header not in self._policy.headers:
                text = f"The header {part} is not named: the whole line is replaced by its pseudonym."
                return Explanation(text, self._document.at(("headers",)))
            happens = what_happens(self._policy.headers[header], self._policy)
            return self._said(f"The header {header}", ("headers", header), happens)
        if rule == "parameter":
            return self._parameter(part)
        kind, _, name = part.partition(".")
        if not isinstance(rule, str) or rule not in ("url", f"url.{kind}") or kind not in _URL_PARTS:
            parts = listed((*_URL_PARTS, "query.NAME"), "or")
            raise UnknownAttributeError(f"{part}: {what} has no such part; a URL has {parts}, headers have names")
        return self._url_part(what, kind, name)

    def _url_part(self, what: str, kind: str, name: str) -> Explanation:
        subject = f"The {kind} of a URL in {what.removeprefix('The ')}"
        if kind == "query" and name:
            if name in self._policy.query:
                happens = what_happens(self._policy.query[name], self._policy)
                return self._said(f"The query parameter {name} of a URL", ("urls", "query", name), happens)
            text = f"The query parameter {name} is not named: its name and value are replaced by their pseudonyms."
            return Explanation(text, self._document.at(("urls", "query")))
        happens = {
            "scheme": f"is shown when it is {listed(sorted(self._policy.schemes), 'or')}; "
            "a URL with another is replaced by one pseudonym",
            "user": "is replaced by its pseudonym",
            "host": f"is shown when it is {listed(sorted(self._policy.hosts), 'or')}, else replaced by its pseudonym",
            "port": f"is shown when it is {listed(map(str, sorted(self._policy.ports)), 'or')}, else erased",
            "path": "keeps its slashes; each segment is replaced by its pseudonym",
            "query": "shows the names that `urls.query` lists and what their rules allow; the rest becomes pseudonyms",
            "fragment": "is replaced by its pseudonym",
        }[kind]
        section = {"scheme": "schemes", "host": "hosts", "port": "ports", "query": "query"}.get(kind)
        return Explanation(f"{subject} {happens}.", self._document.at(("urls", section) if section else ("urls",)))

    def _parameter(self, name: str) -> Explanation:
        if name in self._policy.parameters:
            happens = what_happens(self._policy.parameters[name], self._policy)
            return self._said(f"The tracker parameter {name}", ("parameters", name), happens)
        if name in PARAMETERS and PARAMETERS[name].columns:
            column = PARAMETERS[name].columns[0]
            happens = what_happens(self._policy.columns[column], self._policy)
            return self._said(
                f"The tracker parameter {name} follows its column {column}: it", ("columns", column), happens
            )
        sentence = f"The tracker parameter {name} is not named: its name and value are replaced by their pseudonyms."
        return Explanation(sentence, self._document.at(("parameters",)))

    def _said(self, subject: str, path: YamlPath, happens: str) -> Explanation:
        reason = self._identifying.reason(path)
        rule: object = self._document.contents
        for step in path:
            rule = rule.get(step) if isinstance(rule, dict) else None
        why = because(rule)
        identifies = f" It identifies a person: {reason}." if reason else ""
        shown = f" It is shown all the same because {why}." if why else ""
        return Explanation(f"{subject} {happens}.{identifies}{shown}", f"{self._document.at(path)}, {'.'.join(path)}")
