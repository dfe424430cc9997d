"""Every path against every shape of data, held against a naive interpreter of the same grammar."""

import hashlib
import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.enricher.enrichments.enrichable import Enrichable, contexts_cell
from services.enricher.enrichments.json_path import Path, PathError
from services.enricher.fields import tsv
from services.enricher.fields.column_plan import tracker_event
from tests.fixtures.enrichments import configured, pii
from wire.columns import INDEX
from wire.self_describing import SelfDescribing

KEYS = st.sampled_from(["a", "b", "0", "mail"])
TEXTS = st.sampled_from(["", "a", "mail", "0", "1", "18", "x@example.com"])
SCALARS = st.none() | st.booleans() | st.integers(-2, 20) | TEXTS
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=14,
)

type Place = tuple[int | str, ...]
type Found = dict[Place, Any]


# --- the grammar, written down as what it is -------------------------------------------------------------------------


@dataclass(frozen=True)
class Names:
    names: list[str]

    def __str__(self) -> str:
        return "[" + ",".join(f"'{name}'" for name in self.names) + "]"

    def of(self, _root: Any, value: Any) -> Found:
        return {(name,): value[name] for name in self.names if isinstance(value, dict) and name in value}


@dataclass(frozen=True)
class Everything:
    def __str__(self) -> str:
        return "[*]"

    def of(self, _root: Any, value: Any) -> Found:
        if isinstance(value, dict):
            return {(key,): child for key, child in value.items()}
        return {(at,): child for at, child in enumerate(value)} if isinstance(value, list) else {}


@dataclass(frozen=True)
class Indexes:
    indexes: list[int]

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indexes)) + "]"

    def of(self, _root: Any, value: Any) -> Found:
        if not isinstance(value, list):
            return {}
        at = [index + len(value) if index < 0 else index for index in self.indexes]
        return {(index,): value[index] for index in at if 0 <= index < len(value)}


@dataclass(frozen=True)
class Slice:
    start: int | None
    stop: int | None
    step: int | None

    def __str__(self) -> str:
        start, stop = ("" if bound is None else bound for bound in (self.start, self.stop))
        return f"[{start}:{stop}]" if self.step is None else f"[{start}:{stop}:{self.step}]"

    def of(self, _root: Any, value: Any) -> Found:
        if not isinstance(value, list) or self.step == 0:
            return {}
        return {(at,): value[at] for at in list(range(len(value)))[self.start : self.stop : self.step]}


@dataclass(frozen=True)
class Exists:
    path: "Parts"

    def __str__(self) -> str:
        return f"@{self.path}"

    def holds(self, root: Any, value: Any, _either: bool) -> bool:
        return bool(self.path.of(root, value))


@dataclass(frozen=True)
class Equals:
    path: "Parts"
    operator: str
    literal: Any

    def __str__(self) -> str:
        return f"@{self.path} {self.operator} {json.dumps(self.literal)}"

    def holds(self, root: Any, value: Any, either: bool) -> bool:
        found = list(self.path.of(root, value).values())
        if not found:
            return self.operator == "!="
        (left,) = found
        rfc = type(left) is type(self.literal) and left == self.literal
        jayway = rfc or (str(left) == str(self.literal) and {type(left), type(self.literal)} == {int, str})
        if self.operator == "==":
            return rfc or (either and jayway)
        return not (jayway if not either else rfc)


@dataclass(frozen=True)
class Not:
    inner: Any

    def __str__(self) -> str:
        return f"!({self.inner})"

    def holds(self, root: Any, value: Any, either: bool) -> bool:
        return not self.inner.holds(root, value, not either)


@dataclass(frozen=True)
class Both:
    first: Any
    second: Any

    def __str__(self) -> str:
        return f"({self.first} && {self.second})"

    def holds(self, root: Any, value: Any, either: bool) -> bool:
        return bool(self.first.holds(root, value, either) and self.second.holds(root, value, either))


@dataclass(frozen=True)
class Filter:
    test: Any

    def __str__(self) -> str:
        return f"[?({self.test})]"

    def of(self, root: Any, value: Any) -> Found:
        itself: Found = {(): value} if isinstance(value, dict) and self.test.holds(root, value, True) else {}
        children = Everything().of(root, value).items()
        return itself | {place: child for place, child in children if self.test.holds(root, child, True)}


@dataclass(frozen=True)
class Parts:
    parts: list[tuple[bool, Any]] = field(default_factory=list)  # with `..` before it, and what it names

    def __str__(self) -> str:
        return "".join(f"..{part}" if anywhere else str(part) for anywhere, part in self.parts)

    def of(self, root: Any, value: Any) -> Found:
        found: Found = {(): value}
        for anywhere, part in self.parts:
            starts = {place + below: inner for place, each in found.items() for below, inner in tree(each).items()}
            found = {
                place + below: inner
                for place, each in (starts if anywhere else found).items()
                for below, inner in part.of(root, each).items()
            }
        return found


def tree(value: Any) -> Found:
    found: Found = {(): value}
    for key, child in Everything().of(None, value).items():
        found |= {key + place: each for place, each in tree(child).items()}
    return found


BOUND = st.none() | st.integers(-3, 3)
PLAIN = (
    st.lists(KEYS, min_size=1, max_size=2, unique=True).map(Names)
    | st.just(Everything())
    | st.lists(st.integers(-3, 8), min_size=1, max_size=2).map(Indexes)
    | st.builds(Slice, BOUND, BOUND, st.none() | st.integers(-2, 2))
)
ONE = st.lists(st.tuples(st.just(False), KEYS.map(lambda key: Names([key]))), max_size=2).map(Parts)
SOME = st.lists(st.tuples(st.booleans(), PLAIN), min_size=1, max_size=2).map(Parts)
LITERALS = st.none() | st.booleans() | st.integers(0, 20) | st.sampled_from(["mail", "0", "18", ""])
TESTS = st.recursive(
    SOME.map(Exists) | st.builds(Equals, ONE, st.sampled_from(["==", "!="]), LITERALS),
    lambda inner: inner.map(Not) | st.builds(Both, inner, inner),
    max_leaves=3,
)
PATHS = st.lists(st.tuples(st.booleans(), PLAIN | TESTS.map(Filter)), max_size=4).map(Parts)


def path(*parts: Any) -> Parts:
    return Parts([(False, part) for part in parts])


MAIL = path(Names(["people"]), Filter(Exists(path(Names(["mail"])))), Names(["mail"]))


@settings(deadline=None, max_examples=400)
@given(PATHS, DATA)
@example(MAIL, {"people": {"mail": "x@example.com"}})
@example(MAIL, {"people": [{"mail": "x@example.com"}]})
@example(MAIL, {"people": {"first": {"mail": "x@example.com"}}})
def test_a_path_names_what_its_grammar_says_in_every_shape(parts: Parts, data: Any) -> None:
    found = list(Path.parse(f"${parts}").find(data))
    places = [place for place, _ in found]
    assert len(set(places)) == len(places)
    assert dict(found) == parts.of(data, data)


def hashed(text: str) -> str:
    return hashlib.sha256(f"{text}pepper123".encode()).hexdigest()


def replaced(parts: Parts, data: Any) -> Any:
    """Return the data with each text at the path, and each text in an array there, as its digest."""
    holder: dict[str, Any] = {"data": deepcopy(data)}
    texts: set[Place] = set()
    for place, value in parts.of(data, data).items():
        inside = {(*place, at): child for at, child in enumerate(value)} if isinstance(value, list) else {}
        texts |= {("data", *each) for each, text in ({place: value} | inside).items() if isinstance(text, str)}
    for place in texts:
        *parents, last = place
        parent: Any = holder
        for step in parents:
            parent = parent[step]
        parent[last] = hashed(parent[last])
    return holder["data"]


@settings(deadline=None, max_examples=50)
@given(PATHS, DATA)
@example(MAIL, {"people": {"mail": "x@example.com"}})
@example(path(Names(["emails"]), Slice(0, 2, None)), {"emails": "e"})
@example(path(Names(["people"]), Indexes([0, 7]), Names(["mail"])), {"people": {"0": {"mail": "m"}}})
@example(path(), "x@example.com")
@pytest.mark.parametrize("column", ["contexts", "derived_contexts"])
def test_pii_replaces_what_the_path_names_and_nothing_else(column: str, parts: Parts, data: Any) -> None:
    entity = {"schema": "iglu:org.acme/any/jsonschema/1-0-0", "data": data}
    item = {"field": column, "schemaCriterion": "iglu:org.acme/any/jsonschema/1-*-*", "jsonPath": f"${parts}"}
    (step,) = configured(pii({"json": item})).after_event_schema
    event = Enrichable(tsv.empty_event(), (), {}, tracker_event({}).column_plan)
    if column == "contexts":
        event.cells[INDEX[column]] = contexts_cell([entity])
    else:
        event.derived = [SelfDescribing.parse(entity)]
    step.run(event)
    if column == "contexts":
        (written,) = json.loads(event.cells[INDEX[column]])["data"]
    else:
        written = event.derived[0].to_json()
    assert written == {**entity, "data": replaced(parts, data)}


@pytest.mark.parametrize(
    ("text", "data", "found"),
    [
        ("$.a[?(@.b =~ /x.*/i)].b", {"a": [{"b": "Xy"}, {"b": "y"}, {"b": 1}, {}]}, ["Xy"]),
        ("$.a[?(@.b =~ /1[0-9]/)].b", {"a": [{"b": 18}, {"b": ["17"]}]}, [18, ["17"]]),
        ("$.a[?(@.b in ['x', 18])].b", {"a": [{"b": "x"}, {"b": "18"}, {"b": "y"}, {"b": ["x"]}]}, ["x", "18"]),
        ("$.a[?(@.b contains 'x')].b", {"a": [{"b": "axa"}, {"b": ["x"]}, {"b": 1}]}, ["axa", ["x"]]),
        ("$.a[?(@.b > 1)].b", {"a": [{"b": 2}, {"b": "2"}, {"b": True}, {"b": 1.5}]}, [2, 1.5]),
        ("$.a[?(@.b >= $.least)].b", {"a": [{"b": 2}, {"b": 1}], "least": 2}, [2]),
        ("$.a[?(@.b == null)].b", {"a": [{"b": None}, {"b": 0}, {}]}, [None]),
        ("$.a[?(@.b)].b", {"a": [{"b": False}, {"b": None}]}, [False, None]),
        ("$.['a'].b", {"a": {"b": "x"}}, ["x"]),
    ],
)
def test_filters_compare_as_jayway_or_the_rfc_does(text: str, data: Any, found: list[Any]) -> None:
    assert [value for _, value in Path.parse(text).find(data)] == found


@pytest.mark.parametrize(
    "text",
    ["$.a[", "$.a|$.b", "^[0]", "$.a.length()", "$.a[?(length(@.b) > 1)]", "$.a[?(@.b =~ /(?=x)/)]", "$.a[?(@.b <> 1)]",
     "$.a[?(@.b =~ /(/)]", "$.a[~'b']", "$[$.a]"],
)  # fmt: skip
def test_a_path_that_is_not_supported_is_refused_when_the_configuration_is_read(text: str) -> None:
    with pytest.raises(PathError):
        Path.parse(text)


def test_each_place_is_visited_once_however_many_ways_lead_there() -> None:
    data: Any = "x"
    for _ in range(45):
        data = {"a": data}
    assert len(list(Path.parse("$" + "..*" * 12).find(data))) == 45 - 11


def test_a_pattern_takes_time_linear_in_the_text() -> None:
    data = {"a": [{"b": "a" * 100_000}]}
    assert list(Path.parse("$.a[?(@.b =~ /(a+)+b/)]").find(data)) == []
