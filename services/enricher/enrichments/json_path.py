"""Paths into JSON as enrichments are configured with them: Jayway's dialect of JSONPath.

The library reads a path; what it names is decided here, because the dialects differ where the data has an unexpected
shape and the library's reading left an address in clear. A path names nothing where it does not fit: no data makes it
fail. Where Jayway (which Enrich uses) and RFC 9535 read a path differently, both readings count: the pii enrichment
then hides more.

* A filter tests an array's elements (both), an object itself (Jayway), and an object's members (RFC 9535).
* A comparison holds if it holds in one of the two: Jayway reads `"18"` and `18` as equal.
* An index or a slice names elements of an array only.

Sources: https://github.com/json-path/JsonPath#readme and https://www.rfc-editor.org/rfc/rfc9535.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import jsonpath
from jsonpath import JSONPathError, segments, selectors
from jsonpath import filter as expressions

from services.enricher.text.pattern import PatternError, full_match

_DOT_BEFORE_BRACKET = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<!\.)\.(?=\[)""")

_FLAGS = ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s"))

type Steps = tuple[int | str, ...]
type _Node = tuple[Steps, object]
type _Step = Callable[[object, Iterable[_Node]], Iterator[_Node]]
"""Yield what a part of a path names; takes the root of the data and the nodes that the parts before it name."""
type _Select = Callable[[object, _Node], Iterator[_Node]]
"""Yield what one selector names below one node."""
type _Values = Callable[[object, object], list[object]]
"""Return the values that an operand has; takes the root and the value that is filtered."""
type _Test = Callable[[object, object, bool], bool]
"""Return whether a filter holds: in one reading if the last argument is true, else in both."""


class PathError(ValueError):
    """The text is not a path that can be used; one line."""


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path; `text` is as it was configured."""

    text: str
    _steps: tuple[_Step, ...]

    @classmethod
    def parse(cls, text: str) -> "Path":
        """Compile. Raises PathError."""
        try:
            read = jsonpath.compile(_DOT_BEFORE_BRACKET.sub(lambda match: match[1] or "", text))
            return cls(text, _compiled(read))
        except PatternError as defect:
            raise PathError(str(defect)) from None
        except (JSONPathError, re.error, ValueError, RecursionError) as defect:
            first = next(iter(str(defect).splitlines()), type(defect).__name__)
            raise PathError(f"not a JSON path: {first}") from None

    def find(self, data: object) -> Iterator[_Node]:
        """Yield each place that the path names, once, and what stands there."""
        return _walk(self._steps, data, data)


def _walk(steps: tuple[_Step, ...], root: object, start: object) -> Iterator[_Node]:
    nodes: Iterator[_Node] = iter([((), start)])
    for step in steps:
        nodes = _once(step(root, nodes))
    return nodes


def _once(nodes: Iterator[_Node]) -> Iterator[_Node]:
    """Yield each place once: `$..*..*` names one as often as it has parents, and a sender decides on their number."""
    seen: set[Steps] = set()
    for steps, value in nodes:
        if steps not in seen:
            seen.add(steps)
            yield steps, value


def _compiled(path: object) -> tuple[_Step, ...]:
    if not isinstance(path, jsonpath.JSONPath) or path.pseudo_root:
        raise PathError("only one path that begins with $ is supported")
    return tuple(_segment(segment) for segment in path.segments)


def _segment(segment: segments.JSONPathSegment) -> _Step:
    chosen = [_selector(selector) for selector in segment.selectors]
    descends = isinstance(segment, segments.JSONPathRecursiveDescentSegment)

    def step(root: object, nodes: Iterable[_Node]) -> Iterator[_Node]:
        for node in _descendants(nodes) if descends else nodes:
            for select in chosen:
                yield from select(root, node)

    return step


def _descendants(nodes: Iterable[_Node]) -> Iterator[_Node]:
    """Yield the nodes and all below them, each once."""
    seen: set[Steps] = set()

    def below(node: _Node) -> Iterator[_Node]:
        if node[0] not in seen:
            seen.add(node[0])
            yield node
            for child in _children(node):
                yield from below(child)

    for node in nodes:
        yield from below(node)


def _children(node: _Node) -> Iterator[_Node]:
    steps, value = node
    if isinstance(value, dict):
        yield from (((*steps, key), child) for key, child in value.items())
    elif isinstance(value, list):
        yield from (((*steps, index), child) for index, child in enumerate(value))


def _selector(selector: selectors.JSONPathSelector) -> _Select:
    match selector:
        case selectors.NameSelector(name=name):
            return lambda _, node: _member(node, name)
        case selectors.IndexSelector(index=index):
            return lambda _, node: _elements(node, slice(index, index + 1 or None))
        case selectors.SliceSelector(slice=of):
            return lambda _, node: _elements(node, of)
        case selectors.WildcardSelector():
            return lambda _, node: _children(node)
        case selectors.Filter(expression=expression):
            holds = _test(expression)
            return lambda root, node: _filtered(holds, root, node)
    raise PathError(f"{type(selector).__name__} is not supported")


def _member(node: _Node, name: str) -> Iterator[_Node]:
    steps, value = node
    if isinstance(value, dict) and name in value:
        yield (*steps, name), value[name]


def _elements(node: _Node, of: slice) -> Iterator[_Node]:
    steps, value = node
    if isinstance(value, list) and of.step != 0:
        yield from (((*steps, index), value[index]) for index in range(len(value))[of])


def _filtered(holds: _Test, root: object, node: _Node) -> Iterator[_Node]:
    if isinstance(node[1], dict) and holds(root, node[1], True):
        yield node
    yield from (child for child in _children(node) if holds(root, child[1], True))


def _test(expression: expressions.BaseExpression) -> _Test:
    match expression:
        case expressions.FilterExpression(expression=inner):
            return _test(inner)
        case expressions.PrefixExpression(operator="!", right=inner):
            negated = _test(inner)
            return lambda root, value, lenient: not negated(root, value, not lenient)
        case expressions.InfixExpression(left=left, operator="&&", right=right):
            first, second = _test(left), _test(right)
            return lambda root, value, lenient: first(root, value, lenient) and second(root, value, lenient)
        case expressions.InfixExpression(left=left, operator="||", right=right):
            first, second = _test(left), _test(right)
            return lambda root, value, lenient: first(root, value, lenient) or second(root, value, lenient)
        case expressions.InfixExpression(left=left, operator="=~", right=expressions.RegexLiteral(value=pattern)):
            return _matches(_values(left), pattern)
        case expressions.InfixExpression(left=left, operator=operator, right=right) if operator in _COMPARISONS:
            return _compares(_values(left), operator, _values(right))
        case expressions.BooleanLiteral(value=constant):
            return lambda _root, _value, _lenient: constant
        case expressions.FilterQuery():
            found = _values(expression)
            return lambda root, value, _lenient: bool(found(root, value))
    raise PathError(f"{expression} is not supported in a filter")


def _values(operand: expressions.BaseExpression) -> _Values:
    """Return the reader of an operand's values: none for what is not there, many for a path that names many."""
    match operand:
        case expressions.RelativeFilterQuery(path=path):
            relative = _compiled(path)
            return lambda _, value: [found for _, found in _walk(relative, value, value)]
        case expressions.RootFilterQuery(path=path):
            absolute = _compiled(path)
            return lambda root, _: [found for _, found in _walk(absolute, root, root)]
        case expressions.ListLiteral(items=items):
            members = [member for item in items for member in _values(item)(None, None)]
            return lambda _root, _value: [members]
        case expressions.Nil():
            return lambda _root, _value: [None]
        case expressions.FloatLiteral(value=number):
            exact = Decimal(repr(number))
            return lambda _root, _value: [exact]
        case expressions.BooleanLiteral() | expressions.StringLiteral() | expressions.IntegerLiteral():
            literal = operand.value
            return lambda _root, _value: [literal]
    raise PathError(f"{operand} is not supported in a filter")


def _matches(values: _Values, pattern: re.Pattern[str]) -> _Test:
    flags = "".join(
        name for flag, name in ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s")) if pattern.flags & flag
    )
    matches = full_match(f"(?{flags}:{pattern.pattern})" if flags else pattern.pattern)

    def test(root: object, value: object, lenient: bool) -> bool:
        texts = [text for found in values(root, value) for text in _texts(found, lenient)]
        return any(map(matches, texts))

    return test


def _texts(value: object, lenient: bool) -> list[str]:
    """Return what a pattern is matched with: a text, in Jayway's reading also a scalar's text or any of an array."""
    if isinstance(value, str):
        return [value]
    if not lenient:
        return []
    if isinstance(value, list):
        return [text for element in value if not isinstance(element, list) for text in _texts(element, lenient)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(value)] if isinstance(value, int | Decimal) else []


def _compares(left: _Values, operator: str, right: _Values) -> _Test:
    compare = _COMPARISONS[operator]

    def test(root: object, value: object, lenient: bool) -> bool:
        first, second = left(root, value), right(root, value)
        if not first or not second:  # what is not there equals only what is not there
            return operator in _EQUALS if not first and not second else operator == "!="
        # Of a path that names several values, one that fulfils the comparison is enough to hide.
        held = (compare(one, other, lenient) for one in first for other in second)
        return any(held) if lenient else all(held)

    return test


def _equal(left: object, right: object, lenient: bool) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, str) or isinstance(right, str):
        return lenient and (number := _number(left)) is not None and number == _number(right)
    return left == right


def _less(left: object, right: object, _lenient: bool) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, str | bool) or isinstance(right, str | bool):
        return False
    first, second = _number(left), _number(right)
    return first is not None and second is not None and first < second


def _number(value: object) -> Decimal | None:
    """Return a number, or the number that a text holds; a float's is the one it is written as."""
    try:
        number = Decimal(str(value)) if isinstance(value, str | int | float | Decimal) else None
    except InvalidOperation:
        return None
    return number if number is not None and not number.is_nan() else None


def _contains(holder: object, wanted: object, lenient: bool) -> bool:
    if isinstance(holder, list):
        return any(_equal(element, wanted, lenient) for element in holder)
    return isinstance(holder, str) and isinstance(wanted, str) and wanted in holder


_COMPARISONS: dict[str, Callable[[object, object, bool], bool]] = {
    "==": _equal,
    "!=": lambda left, right, lenient: not _equal(left, right, not lenient),
    "<": _less,
    "<=": lambda left, right, lenient: _less(left, right, lenient) or _equal(left, right, lenient),
    ">": lambda left, right, lenient: _less(right, left, lenient),
    ">=": lambda left, right, lenient: _less(right, left, lenient) or _equal(left, right, lenient),
    "in": lambda left, right, lenient: isinstance(right, list) and _contains(right, left, lenient),
    "contains": _contains,
}
_EQUALS = {"==", "<=", ">="}
