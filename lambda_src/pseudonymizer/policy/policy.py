"""The privacy policy as data: read from YAML, checked, not yet bound to a key.

Format: `policy/schema.json`; its meaning: `docs/policy.md`. A rule is one word, `{pseudonymize: …}`, `{allow: …}` or
`{truncate: …}`. What
the policy does not name is pseudonymized, so that a forgotten line hides and never shows.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from lambda_src.pseudonymizer.errors import PolicyError
from lambda_src.pseudonymizer.policy import domains
from lambda_src.pseudonymizer.policy.domains import Domain
from lambda_src.pseudonymizer.pseudonym import LENGTH
from wire.columns import COLUMNS, Column, ColumnKind
from wire.self_describing import Criterion, SchemaKeyError
from wire.tracker_protocol import PARAMETERS

type Word = Literal[
    "pseudonymize", "erase", "allow",
    "url", "url.scheme", "url.host", "url.port", "url.path", "url.query", "url.fragment",
    "schema_key", "schema_key.vendor", "schema_key.name", "by_schema", "by_schema.base64",
    "columns", "parameters", "parameter", "header", "message", "property_path", "time",
]  # fmt: skip
type Rule = Word | Pseudonymize | Allow | Truncate
type Rules = Mapping[str, Rule]

_WORD_OF_A_CELL = ("pseudonymize", "erase", "allow", "url", "schema_key", "by_schema")
_KINDS_TO_TRUNCATE: dict[str, tuple[ColumnKind, ...]] = {
    "ip": (ColumnKind.STRING,),
    "coordinate": (ColumnKind.STRING, ColumnKind.FLOAT),
    "time": (),
    "version": (),
    "number": (),
}
_PATH = re.compile(r"(?:\[\]|[A-Za-z0-9_$-]+)(?:\[\]|\.[A-Za-z0-9_$-]+)*")


GITLAB_VOCABULARY = "gitlab-vocabulary.json"
"""Beside the policy: GitLab's own names, written by `python -m scripts.policy vocabulary`."""
_WRITTEN_BY_SENDERS = {column for parameter in PARAMETERS.values() for column in parameter.columns}
_DERIVED_PLACES = {f"columns.{column.name}" for column in COLUMNS if column.name not in _WRITTEN_BY_SENDERS}


class Vocabulary(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What an allowed value must be: one of `values`, or text that `pattern` matches from first to last character.

    `listed` are lists of GITLAB_VOCABULARY, whose names are `values` once the policy is read.
    """

    values: frozenset[str] | None = None
    pattern: str | None = None
    listed: tuple[str, ...] | None = None


class Pseudonymize(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The value's pseudonym in a domain; the word `pseudonymize` is the same in the domain `text`."""

    pseudonymize: str


class Allow(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The value is shown when it belongs to the vocabulary (or to the one of that name), else treated as `otherwise`.

    `because` is the author's reason to show an attribute of `policy/identifying.yaml`; it changes nothing here.
    """

    allow: str | Vocabulary
    owner: str | None = None  # who answers for the attribute
    purpose: str | None = None
    expires: date | None = None  # until when it is shown: `policy check` refuses it afterwards
    otherwise: Literal["pseudonymize", "erase"] | Pseudonymize | None = None  # None: as an attribute without a rule
    because: str | None = None


class Truncate(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The value is shown coarsely: an IP address's network, a coordinate's degree, a time's minute.

    Of a version its first two parts, of a number its first two digits; what is not a version or number is erased.
    """

    truncate: Literal["ip", "coordinate", "time", "version", "number"]
    owner: str | None = None
    purpose: str | None = None
    expires: date | None = None
    because: str | None = None


class TimeRules(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How many whole days before and after the collector's day a time may be and is still shown."""

    days_before: int
    days_after: int


class Limits(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How much one record may ask for: what has more goes to the quarantine. docs/threat-model.md says why."""

    values_in_array: int
    pseudonyms_in_record: int


class UrlRules(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which parts of a URL are shown; `*.example.org` shows `example.org` and hides what is before it."""

    schemes: frozenset[str]
    hosts: frozenset[str]
    ports: frozenset[int]
    query: dict[str, object]


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    version: Literal[1]
    domains: dict[str, Domain]
    times: TimeRules
    limits: Limits
    vocabularies: dict[str, Vocabulary]
    columns: dict[str, object]
    urls: UrlRules
    headers: dict[str, object]
    parameters: dict[str, object]
    schemas: dict[str, dict[str, object]]
    old_failed_event: dict[str, object]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of columns, of URL parts, of request headers and parameters, of each schema's properties by path.

    `version` is 12 hexadecimal digits that change with any rule, and neither with a comment nor with the layout.
    """

    version: str
    domains: Mapping[str, Domain]
    times: TimeRules
    limits: Limits
    vocabularies: Mapping[str, Vocabulary]
    columns: Rules
    schemes: frozenset[str]
    hosts: frozenset[str]
    ports: frozenset[int]
    query: Rules
    headers: Rules
    parameters: Rules
    schemas: Mapping[Criterion, Rules]
    old_failed_event: Rules


def load(path: Path) -> Policy:
    """Read a policy file. Raises PolicyError with one line: file, path in it, what is wrong."""
    try:
        contents = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
        lists = _lists(path.with_name(GITLAB_VOCABULARY))
        return _policy(msgspec.convert(contents, _File), lists, _version([contents, lists]))
    except (OSError, UnicodeDecodeError) as problem:
        raise PolicyError(f"{path.name}: cannot be read: {problem}") from None
    except yaml.YAMLError as problem:
        raise PolicyError(f"{path.name}: no YAML: {' '.join(str(problem).split())}") from None
    except (PolicyError, msgspec.ValidationError) as problem:
        raise PolicyError(f"{path.name}: {problem}") from None


class _Lists(msgspec.Struct):
    lists: dict[str, list[str]]


def _lists(path: Path) -> Mapping[str, list[str]]:
    """Return the lists of GitLab's names that stand beside a policy; none where there is no such file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Lists).lists
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as problem:
        raise PolicyError(f"{path.name} beside it: {problem}") from None


class _Loader(yaml.CSafeLoader):
    """YAML 1.1 without its habit of silently keeping the last of two equal keys."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[object, object]:
    result: dict[object, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in result:
            raise PolicyError(f"{key!r} occurs twice, again in line {key_node.start_mark.line + 1}: keep one")
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _version(contents: object) -> str:
    return hashlib.sha256(msgspec.json.encode(contents)).hexdigest()[:12]


def _policy(file: _File, lists: Mapping[str, list[str]], version: str) -> Policy:
    vocabularies = {
        name: _vocabulary(f"vocabularies.{name}", vocabulary, lists) for name, vocabulary in file.vocabularies.items()
    }
    domains.check(file.domains)
    rules = _RuleReader(vocabularies, file.domains, lists)
    return Policy(
        version=version,
        domains=file.domains,
        times=file.times,
        limits=file.limits,
        vocabularies=vocabularies,
        columns=rules.columns(file.columns),
        schemes=file.urls.schemes,
        hosts=file.urls.hosts,
        ports=file.urls.ports,
        query=rules.read("urls.query", file.urls.query),
        headers=rules.read("headers", file.headers),
        parameters=rules.parameters(file.parameters),
        schemas={
            _criterion(text): rules.properties(f"schemas.{text}", properties)
            for text, properties in file.schemas.items()
        },
        old_failed_event=rules.properties("old_failed_event", file.old_failed_event),
    )


def _criterion(text: str) -> Criterion:
    try:
        return Criterion.parse(text)
    except SchemaKeyError as problem:
        raise PolicyError(f"schemas.{text}: {problem}") from None


def _vocabulary(place: str, vocabulary: Vocabulary, lists: Mapping[str, list[str]]) -> Vocabulary:
    """Return a vocabulary with the names of its lists. Raises PolicyError for one that says nothing or two things."""
    for name in vocabulary.listed or ():
        if name not in lists:
            raise PolicyError(f"{place}.listed: {GITLAB_VOCABULARY} has no list {name!r}")
    if (vocabulary.values is None and vocabulary.listed is None) == (vocabulary.pattern is None):
        raise PolicyError(f"{place}: has `values`, `listed` or `pattern`; only the first two go together")
    if vocabulary.pattern is not None:
        try:
            re.compile(vocabulary.pattern)
        except re.error as problem:
            raise PolicyError(f"{place}.pattern: {problem}") from None
        return vocabulary
    listed = [each for name in vocabulary.listed or () for each in lists[name]]
    return Vocabulary(values=frozenset((*(vocabulary.values or ()), *listed)))


@dataclass(frozen=True, slots=True)
class _RuleReader:
    vocabularies: Mapping[str, Vocabulary]
    domains: Mapping[str, Domain]
    lists: Mapping[str, list[str]]

    def read(self, section: str, rules: Mapping[str, object], *, bare_allow: bool = False) -> dict[str, Rule]:
        return {name: self._rule(f"{section}.{name}", rule, bare_allow=bare_allow) for name, rule in rules.items()}

    def properties(self, section: str, rules: Mapping[str, object]) -> Rules:
        for path in rules:
            if not _PATH.fullmatch(path):
                raise PolicyError(f"{section}.{path}: no property path such as user.id, items[].name or []")
        return self.read(section, rules)

    def parameters(self, rules: Mapping[str, object]) -> Rules:
        for name in rules:
            if name not in PARAMETERS and name not in {"u", "schema"}:
                raise PolicyError(f"parameters.{name}: no parameter of the tracker protocol")
        return self.read("parameters", rules)

    def columns(self, rules: Mapping[str, object]) -> Rules:
        by_name = {column.name: column for column in COLUMNS}
        for name in rules:
            if name not in by_name:
                raise PolicyError(f"columns.{name}: no column of an enriched event")
        checked = self.read("columns", rules, bare_allow=True)
        for name, rule in checked.items():
            _check_column(by_name[name], rule)
        return {name: checked.get(name, _unnamed(column)) for name, column in by_name.items()}

    def _rule(self, place: str, value: object, *, bare_allow: bool) -> Rule:
        try:
            rule: Rule = msgspec.convert(value, _form(value))
        except msgspec.ValidationError as problem:
            raise PolicyError(f"{place}: {problem}") from None
        if rule == "allow" and not bare_allow:
            raise PolicyError(f"{place}: say what it may look like: {{allow: <vocabulary>}}")
        if isinstance(rule, Allow):
            if isinstance(rule.allow, Vocabulary):
                rule = msgspec.structs.replace(rule, allow=_vocabulary(f"{place}.allow", rule.allow, self.lists))
            elif rule.allow not in self.vocabularies:
                raise PolicyError(f"{place}.allow: there is no vocabulary {rule.allow!r}")
        self._check_domain(place, rule)
        return rule

    def _check_domain(self, place: str, rule: Rule) -> None:
        domain = domain_of(rule)
        if domain is None:
            return
        if domain not in self.domains:
            raise PolicyError(f"{place}: there is no domain {domain!r}: list it under domains, or correct its name")
        if self.domains[domain].holds == "derived" and place not in _DERIVED_PLACES:
            raise PolicyError(
                f"{place}: a sender can write here, and {domain} is for columns that the enricher alone fills"
            )


def _form(value: object) -> Any:
    """Return the types that a rule which is written so can be of: msgspec knows one object of several by its field."""
    if isinstance(value, dict) and "truncate" in value:
        return Truncate
    if isinstance(value, dict) and "pseudonymize" in value:
        return Pseudonymize
    return Word | Allow


def domain_of(rule: Rule | None) -> str | None:
    """Return the domain of the pseudonyms that a rule of its own gives, None where it names none."""
    if isinstance(rule, Allow):
        return rule.otherwise.pseudonymize if isinstance(rule.otherwise, Pseudonymize) else None
    return rule.pseudonymize if isinstance(rule, Pseudonymize) else None


def can_hold_pseudonym(column: Column) -> bool:
    """Return whether a pseudonym fits: in a number, a time, a flag or a short text it would break the readers."""
    return column.kind is ColumnKind.JSON or (
        column.kind is ColumnKind.STRING and (column.max_length is None or column.max_length >= LENGTH)
    )


def _unnamed(column: Column) -> Rule:
    if column.kind is ColumnKind.JSON:
        return "by_schema"
    return "pseudonymize" if can_hold_pseudonym(column) else "erase"


def _check_column(column: Column, rule: Rule) -> None:
    place = f"columns.{column.name}"
    if isinstance(rule, str) and rule.partition(".")[0] not in _WORD_OF_A_CELL:
        raise PolicyError(f"{place}: {rule} is a rule of properties, not of columns")
    if isinstance(rule, Truncate) and column.kind not in _KINDS_TO_TRUNCATE[rule.truncate]:
        raise PolicyError(f"{place}: cannot hold a truncated {rule.truncate}: pseudonymize or erase")
    if (rule == "pseudonymize" or domain_of(rule) is not None) and not can_hold_pseudonym(column):
        raise PolicyError(f"{place}: cannot hold a pseudonym of {LENGTH} characters: allow or erase")
    if rule == "allow" and column.kind in (ColumnKind.STRING, ColumnKind.JSON):
        raise PolicyError(f"{place}: a text can be anything, say what it may look like: {{allow: <vocabulary>}}")
    if (column.kind is ColumnKind.JSON) != (rule == "by_schema") and not (
        column.kind is ColumnKind.JSON and rule == "erase"
    ):
        raise PolicyError(f"{place}: a column of self-describing JSON has the rule by_schema or erase, others never")
