"""Everything that can be wrong with a policy, each with its line and remedy."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind

from lambda_src.pseudonymizer.policy.policy import Allow, Vocabulary, can_hold_pseudonym
from lambda_src.pseudonymizer.transform.bound_policy import GRAMMAR
from scripts.policy_review import document, registry
from scripts.policy_review.criteria import overlap
from scripts.policy_review.identity_shapes import admitted
from scripts.policy_review.rules import because, domains_of, expiry, is_hidden, is_pseudonymized, rules_by_path
from scripts.policy_review.wording import listed, vocabulary_of
from wire.columns import COLUMNS, INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambda_src.pseudonymizer.policy.policy import Policy
    from scripts.policy_review.document import Document, Problem, YamlPath
    from scripts.policy_review.identifying import Identifying
    from wire.self_describing import Criterion, SchemaKey

SCHEMA = document.ROOT / "policy/schema.json"

# Their data is other self-describing JSON, treated by its own schema.
_ENVELOPES = {"contexts", "unstruct_event"}
# The values of a smaller set are told apart by their frequencies.
_LARGE_SET = 10_000
_COVERS_WHAT_IS_INSIDE = ("parameters", "columns", "by_schema")


def problems(policy: Document, identifying: Identifying, today: date | None = None) -> list[Problem]:
    """Return what is wrong on a day, in the order of the file; what is not a policy at all is looked at no further."""
    found = list(_against_schema(policy))
    if not found:
        try:
            loaded = document.load(policy)
        except document.UnusableError as problem:
            found = list(problem.problems)
        else:
            found = [
                *_unnamed_columns(policy),
                *_overlapping(policy, loaded),
                *_properties(policy, loaded, registry.properties()),
                *_responsibility(policy, identifying, today or datetime.now(UTC).date()),
                *_few_values(policy, loaded, registry.properties(), identifying),
                *_identities_shown(policy, loaded),
                *free_text_beside_identity(policy, loaded, identifying),
            ]
        found += identifying_without_reason(policy, identifying)
    return sorted(found, key=lambda each: (each.place.line, each.place.column))


def _against_schema(policy: Document) -> Iterator[Problem]:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")))
    for error in validator.iter_errors(policy.contents):
        path = tuple(map(str, error.instance_path))
        match error.kind:
            case Kind.AdditionalProperties(unexpected=keys):
                for key in keys:
                    yield policy.problem((*path, key), _unexpected(path))
            case Kind.PropertyNames():
                yield policy.problem(path, "names no property path such as user.id, items[].name or []")
            case Kind.AnyOf() | Kind.OneOfNotValid():
                yield policy.problem(path, _not_one_of(path, error.instance))
            case _:
                yield policy.problem(path, f"{error.message}: docs/policy.md describes the format")


def _unexpected(parent: YamlPath) -> str:
    if parent == ("schemas",):
        return "no Iglu criterion: write it like iglu:com.gitlab/gitlab_standard/jsonschema/1-*-*"
    return "no such key here: correct its spelling or remove it"


def _not_one_of(path: YamlPath, value: object) -> str:
    if path[0] == "vocabularies" or path[-1] == "allow":
        return "a vocabulary has `values` and `listed`, or `pattern`, of text: put numbers, true and false in quotes"
    if isinstance(value, dict):
        return "no rule: with a colon, it is {pseudonymize: <domain>}, {allow: <vocabulary>} or {truncate: …}"
    return (
        f"{value!r} is not a rule: use pseudonymize, erase or {{allow: <vocabulary>}}; docs/policy.md lists the others"
    )


def _unnamed_columns(policy: Document) -> Iterator[Problem]:
    for column in COLUMNS:
        if ("columns", column.name) not in policy.places:
            rule = "pseudonymize" if can_hold_pseudonym(column) else "erase"
            yield policy.problem(("columns",), f"the column {column.name} is not named: add `{column.name}: {rule}`")


def _overlapping(policy: Document, loaded: Policy) -> Iterator[Problem]:
    criteria = list(loaded.schemas)
    for position, later in enumerate(criteria):
        for earlier in criteria[:position]:
            if overlap(earlier, later):
                text = f"{earlier} covers some of the same versions and is taken: make one rule of the two"
                yield policy.problem(("schemas", str(later)), text)


def _properties(
    policy: Document, loaded: Policy, schemas: Mapping[SchemaKey, Mapping[str, int | None]]
) -> Iterator[Problem]:
    declared: dict[Criterion, set[str]] = {}
    for key, paths in schemas.items():
        criterion = next((each for each in loaded.schemas if each.matches(key)), None)
        if criterion is None:
            yield policy.problem(("schemas",), f"{key} is not named: add its criterion and properties")
        else:
            declared.setdefault(criterion, set()).update(paths)
    for criterion, described in declared.items():
        if criterion.name in _ENVELOPES:
            continue
        rules = loaded.schemas[criterion]
        inside = tuple(path for path, rule in rules.items() if rule in _COVERS_WHAT_IS_INSIDE)
        at = ("schemas", str(criterion))
        for path in sorted(described - rules.keys()):
            if not path.startswith(inside):
                yield policy.problem(at, f"the property {path} is not named: add `{path}: pseudonymize`")
        for path in sorted(rules.keys() - described):
            if path not in inside:
                text = "no version of the schema in schemas/ has this property: correct its path or remove it"
                yield policy.problem((*at, path), text)


def _few_values(
    policy: Document,
    loaded: Policy,
    schemas: Mapping[SchemaKey, Mapping[str, int | None]],
    identifying: Identifying,
) -> Iterator[Problem]:
    """Yield the rules that give pseudonyms to a set of so few values that their frequencies tell which is which."""
    sizes: dict[YamlPath, int] = {("columns", name): size for name, size in identifying.sizes.items()}
    for key, paths in schemas.items():
        criterion = next((each for each in loaded.schemas if each.matches(key)), None)
        sizes |= {("schemas", str(criterion), path): size for path, size in paths.items() if size is not None}
    for path, rule in rules_by_path(policy.contents):
        size = sizes.get(path)
        if size is not None and size < _LARGE_SET and is_pseudonymized(rule):
            text = f"has {size} values, and how often a pseudonym stands there tells which it is: erase it"
            yield policy.problem(path, text)


def _responsibility(policy: Document, identifying: Identifying, today: date) -> Iterator[Problem]:
    """Yield what is shown longer than it may be, and what identifies a person and has no owner, purpose or end."""
    for path, rule in rules_by_path(policy.contents):
        if not isinstance(rule, dict) or is_hidden(rule):
            continue
        missing = [name for name in ("owner", "purpose", "expires") if not rule.get(name)]
        if identifying.reason(path) and because(rule) and missing:
            text = f"identifies a person and says no {listed(missing)}: add who answers for it, what for, until when"
            yield policy.problem(path, text)
        expires = expiry(rule)
        if expires is not None and expires < today:
            yield policy.problem(path, f"may be shown until {expires} only: hide it, or let its owner decide anew")


def expiring(policy: Document, today: date, days: int = 30) -> Iterator[Problem]:
    """Yield what may be shown for so many days more at most: a warning, no error."""
    for path, rule in rules_by_path(policy.contents):
        expires = expiry(rule)
        if expires is not None and today <= expires <= today + timedelta(days=days):
            yield policy.problem(path, f"is shown until {expires}: ask {rule.get('owner')} in time")  # type: ignore[attr-defined] # it has an end


def _identities_shown(policy: Document, loaded: Policy) -> Iterator[Problem]:
    """Yield the rules that show something that looks like what identifies somebody."""
    for path, rule in rules_by_path(policy.contents):
        vocabulary = _vocabulary(path, loaded)
        identity = admitted(vocabulary) if vocabulary is not None and not because(rule) else None
        if identity is not None:
            text, what = identity
            remedy = "list the values, narrow the pattern, or say {…, because: <why it may be shown>}"
            yield policy.problem(path, f"would show {text!r}, which may be {what}: {remedy}")
    for host in sorted(loaded.hosts):
        identity = admitted(Vocabulary(values=frozenset({host.removeprefix("*.")})))
        if identity is not None:
            yield policy.problem(("urls", "hosts"), f"would show {host}, which may be {identity[1]}: remove it")


def _vocabulary(path: YamlPath, loaded: Policy) -> Vocabulary | None:
    """Return what the rule at `path` shows, None where that is not a vocabulary."""
    match path:
        case ("schemas", criterion, prop):
            rule = next(rules[prop] for each, rules in loaded.schemas.items() if str(each) == criterion)
        case ("urls", "query", name):
            rule = loaded.query[name]
        case (section, name):
            rule = getattr(loaded, section)[name]
        case _:
            return None
    if rule == "allow":
        return GRAMMAR.get(COLUMNS[INDEX[path[-1]]].kind)
    return vocabulary_of(rule, loaded) if isinstance(rule, Allow) else None


def identifying_without_reason(policy: Document, identifying: Identifying) -> Iterator[Problem]:
    """Yield the attributes that identify a person and are shown though no `because` says why that must be."""
    for path, rule in rules_by_path(policy.contents):
        reason = None if is_hidden(rule) else identifying.reason(path)
        if reason and not because(rule):
            remedy = "pseudonymize it, or say {allow: …, because: <why it must be shown>}"
            yield policy.problem(path, f"identifies a person ({reason}): {remedy}")


def free_text_beside_identity(policy: Document, loaded: Policy, identifying: Identifying) -> Iterator[Problem]:
    """Yield the rules whose domain belongs to an identity though the attribute is not an identifier of that kind.

    Who writes a value of their choice into such an attribute reads the pseudonym of that identity.
    """
    for path, rule in rules_by_path(policy.contents):
        for domain in domains_of(rule):
            if loaded.domains[domain].holds == "identity" and not identifying.may_have(domain, path):
                remedy = f"use a domain of texts, or list it under identities.{domain} of policy/identifying.yaml"
                yield policy.problem(path, f"a sender can write anything here, and {domain} is an identity: {remedy}")
