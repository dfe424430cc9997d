"""Read HOCON (github.com/lightbend/config, HOCON.md), as far as Snowplow's configuration files use it.

Read: comments, braces and commas that may be missing, `=` and `:`, dotted keys, text without quotes, later values over
earlier ones, objects that are merged, `${NAME}` and `${?NAME}` of a value that stands before or of the environment.
Refused, with the line: `include`, `+=` and text in three quotes.

pyhocon, the kept library, does not read Snowplow's own example, where a text is replaced by an object.
"""

import json
import re
from collections.abc import Mapping
from copy import deepcopy

type Value = str | int | float | bool | dict[str, Value] | list[Value] | None

_SPACE = re.compile(r"(?:[\s\ufeff]|#[^\n]*|//[^\n]*)*")
_SPACE_IN_LINE = re.compile(r"[^\S\n]*(?:(?:#|//)[^\n]*)?")
_BLANKS = re.compile(r"[^\S\n]*")
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_SUBSTITUTION = re.compile(r"\$\{(\??)([^{}\n]+)\}")
_UNQUOTED = re.compile(r"(?:(?!//|\+=)[^\s$\"{}\[\]:=,#`^?!@*&\\])+")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_LITERALS: dict[str, Value] = {"true": True, "false": False, "null": None}
_MAX_DEPTH = 64


class HoconError(ValueError):
    """The text is not HOCON, or not of the part that is read here; the message names the line."""


class _Undefined:
    """The value of `${?NAME}` where nothing is known under the name: the key stays as it was."""


_UNDEFINED = _Undefined()


def parse(text: str, environment: Mapping[str, str]) -> dict[str, Value]:
    """Return the document's root object. Raises HoconError.

    `${NAME}` that is known neither to the document nor to `environment` stays in the text as it is.
    """
    reader = _Reader(text, environment)
    reader.skip(_SPACE)
    has_braces = reader.take("{")
    reader.members(reader.root, "}" if has_braces else "", 0)
    reader.skip(_SPACE)
    if not reader.is_at_end():
        raise reader.error("the document ends before the text does")
    return reader.root


class _Reader:
    def __init__(self, text: str, environment: Mapping[str, str]) -> None:
        self._text = text
        self._at = 0
        self._environment = environment
        self.root: dict[str, Value] = {}

    def error(self, message: str) -> HoconError:
        return HoconError(f"line {self._text.count('\n', 0, self._at) + 1}: {message}")

    def is_at_end(self) -> bool:
        return self._at >= len(self._text)

    def skip(self, pattern: re.Pattern[str]) -> None:
        if (match := pattern.match(self._text, self._at)) is not None:
            self._at = match.end()

    def take(self, text: str) -> bool:
        """Return whether the text comes next; if so, read past it."""
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
        return match

    def members(self, into: dict[str, Value], end: str, depth: int) -> None:
        """Read an object's members up to and with `end`, which is empty for a root without braces."""
        if depth > _MAX_DEPTH:
            raise self.error(f"objects and arrays are nested more than {_MAX_DEPTH} deep")
        while True:
            self.skip(_SPACE)
            if end and self.take(end):
                return
            if self.is_at_end():
                if end:
                    raise self.error(f"an object is not closed: {end} is missing")
                return
            path = self._path()
            self.skip(_SPACE_IN_LINE)
            if self._text.startswith("+=", self._at):
                raise self.error("`+=` is not read: write the whole list")
            if not (self.take("=") or self.take(":")) and not self._text.startswith("{", self._at):
                raise self.error(f"a value is missing behind the key {'.'.join(path)}: write key = value")
            parent = _parent(into, path)
            self.skip(_SPACE)
            value = self._value(parent.get(path[-1]), depth)
            if not isinstance(value, _Undefined):
                parent[path[-1]] = value
            self._end_of_element(end)

    def _end_of_element(self, end: str) -> None:
        self.skip(_SPACE_IN_LINE)
        if self.is_at_end() or self._text.startswith(("\n", end or "\n"), self._at):
            return
        if not self.take(","):
            raise self.error("a comma or a new line is missing between two values")

    def _path(self) -> list[str]:
        """Read a key, which is a path where dots stand outside of quotes."""
        parts = [""]
        start = self._at
        while True:
            if (quoted := self._match(_QUOTED)) is not None:
                parts[-1] += self._unquote(quoted[0])
            elif (plain := self._match(_UNQUOTED)) is not None:
                first, *more = plain[0].split(".")
                parts[-1] += first
                parts += more
            else:
                break
        if self._at == start or parts == ["include"]:
            raise self.error("`include` is not read" if parts == ["include"] else "a key is missing")
        return parts

    def _value(self, before: Value, depth: int) -> Value | _Undefined:
        """Read one value; an object is merged into `before` when that is one."""
        pieces: list[Value | _Undefined] = []
        texts: list[str] = []
        while True:
            start = self._at
            if self.take("{"):
                known = pieces[-1] if pieces else before
                pieces.append(dict(known) if isinstance(known, dict) else {})
                self.members(pieces[-1], "}", depth + 1)  # type: ignore[arg-type]  # it was made a line above
            elif self.take("["):
                pieces.append(self._elements(depth + 1))
            elif (quoted := self._match(_QUOTED)) is not None:
                if self._text.startswith('"', self._at):
                    raise self.error("text in three quotes is not read")
                pieces.append(self._unquote(quoted[0]))
            elif (named := self._match(_SUBSTITUTION)) is not None:
                pieces.append(self._look_up(named))
            elif (plain := self._match(_UNQUOTED)) is not None:
                pieces.append(_literal(plain[0]))
            else:
                break
            texts.append(_as_text(pieces[-1], self._text[start : self._at]))
            space = self._match(_BLANKS)
            texts.append("" if space is None else space[0])
        if not pieces:
            raise self.error("a value is missing")
        if all(isinstance(piece, dict) for piece in pieces) or len(pieces) == 1:
            return pieces[-1]
        if any(isinstance(piece, (dict, list)) for piece in pieces):
            raise self.error("text stands beside an object or an array")
        return "".join(texts).strip()

    def _elements(self, depth: int) -> Value:
        if depth > _MAX_DEPTH:
            raise self.error(f"objects and arrays are nested more than {_MAX_DEPTH} deep")
        elements: list[Value] = []
        while True:
            self.skip(_SPACE)
            if self.take("]"):
                return elements
            if self.is_at_end():
                raise self.error("an array is not closed: ] is missing")
            value = self._value(None, depth)
            if not isinstance(value, _Undefined):
                elements.append(value)
            self._end_of_element("]")

    def _look_up(self, named: re.Match[str]) -> Value | _Undefined:
        name = named[2].strip()
        found: Value | _Undefined = self.root
        for part in name.split("."):
            found = found.get(part, _UNDEFINED) if isinstance(found, dict) else _UNDEFINED
        if not isinstance(found, _Undefined):
            return deepcopy(found)
        if name in self._environment:
            return _literal(self._environment[name])
        return _UNDEFINED if named[1] else named[0]

    def _unquote(self, quoted: str) -> str:
        try:
            return str(json.loads(quoted))
        except ValueError:
            raise self.error("the text in quotes is not JSON text") from None


def _parent(root: dict[str, Value], path: list[str]) -> dict[str, Value]:
    """Return the object that holds the last key of the path; what is not an object on the way is replaced by one."""
    for key in path[:-1]:
        inner = root.get(key)
        if not isinstance(inner, dict):
            inner = root[key] = {}
        root = inner
    return root


def _as_text(piece: Value | _Undefined, source: str) -> str:
    """Return a piece as part of a text of several; `source` is how it is written."""
    if isinstance(piece, str):
        return piece
    if not source.startswith("$"):
        return source
    return "" if isinstance(piece, _Undefined) else json.dumps(piece)


def _literal(text: str) -> Value:
    if text in _LITERALS:
        return _LITERALS[text]
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    return float(text) if number[1] or number[2] else int(text)
