"""Instances at the borders of two versions of a schema: values that one of them may accept and the other may refuse.

They are made from the keywords of both versions (lengths one below, at and above a limit, members of an enum, one
property more or less, …). Whether a version accepts one is for a validator to say: nothing here decides.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from jsonschema_rs import Draft4Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

type Json = Any
type Content = dict[str, Any]

_DEEPEST = 6
_OF_A_PLACE = 400  # candidates of one place that are tried in the place above
_LONGEST = 100_000
_FRESH = "not_named_anywhere"
_GENERIC: tuple[Json, ...] = (
    "a", 1, True, None, {}, [], "", 0, -1, 0.5, 10**10, False, "A b", "ä", "1", ["a"], [1, 1], [None], {"a": 1},
)  # fmt: skip
_FORMATS = {
    "date-time": "2026-01-31T23:59:59.123Z", "date": "2026-01-31", "time": "23:59:59", "email": "a@example.com",
    "hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uri": "https://example.com/a?b=c",
    "uuid": "5b2c1c5e-2b3f-4f0e-9a67-0c1f9d6a7d11", "regex": "^a$",
}  # fmt: skip
_NONE = object()
_APPLIED_HERE = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Pair:
    """Both versions of one place of a schema; `root` is what their local references lead into."""

    old: Content
    new: Content
    roots: tuple[Content, Content]

    def parts(self) -> list[Content]:
        """Return every subschema of either version that is about this very place."""
        return [*_parts(self.old, self.roots[0]), *_parts(self.new, self.roots[1])]

    def at(self, name: str) -> Pair:
        """Return both versions of a property."""
        return self._inner(lambda part: _of_property(part, name))

    def item(self, index: int) -> Pair:
        """Return both versions of an array's item."""
        return self._inner(lambda part: _of_item(part, index))

    def _inner(self, of: Callable[[Content], Content | None]) -> Pair:
        sides = []
        for schema, root in zip((self.old, self.new), self.roots, strict=True):
            found = [inner for part in _parts(schema, root) if (inner := of(part)) is not None]
            sides.append(found[0] if len(found) == 1 else {"allOf": found} if found else {})
        return Pair(sides[0], sides[1], self.roots)


def instances(pair: Pair, depth: int = 0) -> Iterator[Json]:
    """Yield candidates for a place, the likely ones first; some may be alike."""
    parts = pair.parts()
    scalars = list(chain.from_iterable(_scalars(part) for part in parts))
    yield from (value for part in parts for value in part.get("enum", []))
    yield from scalars
    of_kinds: list[Iterator[Json]] = [iter(_GENERIC)]
    if depth < _DEEPEST:
        if any(_may_be(part, "object") for part in parts):
            of_kinds.append(_objects(pair, parts, depth))
        if any(_may_be(part, "array") for part in parts):
            of_kinds.append(_arrays(pair, parts, depth))
    for together in zip_longest(*of_kinds, fillvalue=_NONE):  # in turn: the place above tries a limited number
        yield from (value for value in together if value is not _NONE)


def _parts(schema: Content, root: Content, depth: int = 0) -> Iterator[Content]:
    """Yield a schema and the schemas that it applies to the same value."""
    if depth > _DEEPEST:
        return
    if isinstance(reference := schema.get("$ref"), str):
        if reference.startswith("#"):
            yield from _parts(_local(root, reference), root, depth + 1)
        return
    yield schema
    negated = [schema["not"]] if isinstance(schema.get("not"), dict) else []
    dependent = [each for each in schema.get("dependencies", {}).values() if isinstance(each, dict)]
    for keyword in _APPLIED_HERE:
        for inner in schema.get(keyword, []):
            yield from _parts(inner, root, depth + 1)
    for inner in (*negated, *dependent):
        yield from _parts(inner, root, depth + 1)


def _local(root: Content, reference: str) -> Content:
    found: Json = root
    for step in reference.lstrip("#/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name, {}) if name and isinstance(found, dict) else found
    return found if isinstance(found, dict) else {}


def _may_be(part: Content, kind: str) -> bool:
    named = part.get("type", kind)
    return kind in ([named] if isinstance(named, str) else named)


def _of_property(part: Content, name: str) -> Content | None:
    inner = part.get("properties", {}).get(name)
    if inner is None:
        matching = [each for pattern, each in part.get("patternProperties", {}).items() if _matches(pattern, name)]
        other = part.get("additionalProperties")
        inner = matching[0] if matching else other if isinstance(other, dict) else None
    return inner if isinstance(inner, dict) else None


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:  # a pattern of another dialect
        return False


def _of_item(part: Content, index: int) -> Content | None:
    items = part.get("items")
    if isinstance(items, list):
        other = part.get("additionalItems")
        return items[index] if index < len(items) else other if isinstance(other, dict) else None
    return items if isinstance(items, dict) else None


def _scalars(part: Content) -> Iterator[Json]:
    lengths = {part[key] for key in ("minLength", "maxLength") if isinstance(part.get(key), int)}
    for length in sorted(lengths):
        yield from ("a" * each for each in (length, length + 1, length - 1) if 0 <= each <= _LONGEST)
    for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        limit = part.get(key)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            yield from (limit, limit + 1, limit - 1, limit + 0.5, limit - 0.5, limit * 2, limit / 2)
    if isinstance(form := part.get("format"), str):
        yield _FORMATS.get(form, "a")
        yield "not of any format"
    if isinstance(pattern := part.get("pattern"), str):
        yield from _matching(pattern)


def _matching(pattern: str, count: int = 20) -> list[str]:
    """Return texts that match a pattern; none for one of a dialect that Python does not read."""
    texts: list[str] = []

    @settings(
        max_examples=count, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.from_regex(pattern))
    def collect(text: str) -> None:
        texts.append(text)

    try:
        collect()
    except (re.error, HypothesisException, RecursionError):
        return []
    return sorted(set(texts), key=lambda text: (len(text), text))


def _objects(pair: Pair, parts: list[Content], depth: int) -> Iterator[Json]:
    named: dict[str, None] = {}
    for part in parts:
        dependent = [one for each in part.get("dependencies", {}).values() if isinstance(each, list) for one in each]
        patterned = [text for pattern in part.get("patternProperties", {}) for text in _matching(pattern)[:5]]
        for name in (*part.get("required", ()), *part.get("properties", ()), *part.get("dependencies", ()), *dependent):
            named[name] = None
        named |= dict.fromkeys(patterned)
    required = {name for part in _parts(pair.old, pair.roots[0]) for name in part.get("required", ())}
    values = {name: list(islice(instances(pair.at(name), depth + 1), _OF_A_PLACE)) for name in (*named, _FRESH)}
    good = {name: _first_valid(pair.at(name), candidates) for name, candidates in values.items()}
    least = {name: good[name] for name in named if name in required}
    most = {name: good[name] for name in named}
    yield from (least, most, {})
    for whole in (least, most):
        for name in named:
            yield {**whole, name: good[name]}
            yield {other: value for other, value in whole.items() if other != name}
        yield {**whole, _FRESH: good[_FRESH]}
    counts = {
        part[key] for part in parts for key in ("minProperties", "maxProperties") if isinstance(part.get(key), int)
    }
    for count in sorted(each + more for each in counts for more in (-1, 0, 1) if 0 <= each + more <= _OF_A_PLACE):
        chosen = {**least, **most} if count >= len(least) else {}
        fresh = {f"{_FRESH}{number}": good[_FRESH] for number in range(max(0, count - len(most)))}
        yield dict(list({**chosen, **fresh}.items())[:count])
    for name, candidates in values.items():
        if pair.at(name).old != pair.at(name).new or name == _FRESH:
            for value in candidates:
                yield {**least, name: value}
                yield {**most, name: value}


def _arrays(pair: Pair, parts: list[Content], depth: int) -> Iterator[Json]:
    longest = max((len(part["items"]) for part in parts if isinstance(part.get("items"), list)), default=0)
    places = [list(islice(instances(pair.item(index), depth + 1), _OF_A_PLACE)) for index in range(longest + 1)]
    good = [_first_valid(pair.item(index), candidates) for index, candidates in enumerate(places)]
    sizes = {part[key] for part in parts for key in ("minItems", "maxItems") if isinstance(part.get(key), int)}
    sizes |= {0, 1, 2, longest, longest + 1}
    different = places[-1]
    for size in sorted({each + more for each in sizes for more in (-1, 0, 1) if 0 <= each + more <= _OF_A_PLACE}):
        yield [*good[:size], *[good[-1]] * (size - len(good))]
        yield [*good[: min(size, longest)], *different[: max(0, size - longest)]]
    least = max((part["minItems"] for part in parts if isinstance(part.get("minItems"), int)), default=0)
    for index, candidates in enumerate(places):
        before, after = good[:index], [*good[index + 1 :], *[good[-1]] * max(0, least - len(good))]
        for value in candidates:
            yield [*before, value]
            yield [*before, value, *after]


def _first_valid(pair: Pair, candidates: list[Json]) -> Json:
    """Return the first candidate that the old version of a place accepts; any, when none is known to be."""
    try:
        validator = Draft4Validator(pair.old, validate_formats=True, offline=True)
    except Exception:  # noqa: BLE001 - a reference to elsewhere, a pattern that nobody reads: no help, no harm
        return candidates[0]
    return next((value for value in candidates if validator.is_valid(value)), candidates[0])


def size(instance: Json) -> int:
    """Return how long an instance is as JSON: the shortest is the clearest witness."""
    return len(json.dumps(instance))
