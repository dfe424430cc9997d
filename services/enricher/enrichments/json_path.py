"""Paths into JSON as enrichments are configured with them: Jayway's dialect, which also writes `$.['a']`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import jsonpath
from jsonpath import JSONPathError

_DOT_BEFORE_BRACKET = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<!\.)\.(?=\[)""")

type Steps = tuple[int | str, ...]


class PathError(ValueError):
    """The text is no path that can be used; one line."""


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path; `text` is as it was configured."""

    text: str
    compiled: "jsonpath.JSONPath | jsonpath.CompoundJSONPath"

    @classmethod
    def parse(cls, text: str) -> "Path":
        """Compile. Raises PathError."""
        try:
            return cls(text, jsonpath.compile(_DOT_BEFORE_BRACKET.sub(lambda match: match[1] or "", text)))
        except JSONPathError as defect:
            raise PathError(f"no JSON path: {str(defect).splitlines()[0]}") from None

    def find(self, data: object) -> Iterator[tuple[Steps, object]]:
        """Yield where something stands, and what. Raises PathError for data that the path cannot be applied to."""
        if not isinstance(data, dict | list):
            return
        try:
            for match in self.compiled.finditer(data):
                yield match.parts, match.obj
        except JSONPathError as defect:
            raise PathError(f"the JSON path cannot be applied: {type(defect).__name__}") from None
