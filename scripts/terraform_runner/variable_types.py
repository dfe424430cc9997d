"""The types of Terraform variables, as far as names go: which attributes an object has, at every depth.

`variable_types(directory)` reads the variables of a module. A type is a `Shape`: an object's attributes by name, the
shape of every element of a map, list or set, or nothing where names are free.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import hcl2

if TYPE_CHECKING:
    from pathlib import Path

# A name, a string, or one character of punctuation.
_TOKEN = re.compile(r'[A-Za-z_][\w-]*|"(?:[^"\\]|\\.)*"|[^\s]')
_CLOSING = {"(": ")", "{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Shape:
    """`attributes` of an object by name, `element` of a collection; both None: any name may be in it, or none can."""

    attributes: dict[str, Shape] | None = None
    element: Shape | None = None


@functools.cache
def variable_types(directory: Path) -> dict[str, Shape]:
    """Return the shape of each variable of the module in `directory`."""
    shapes: dict[str, Shape] = {}
    for path in sorted(directory.glob("*.tf")):
        with path.open(encoding="utf-8") as opened:
            blocks: list[dict[str, Any]] = hcl2.load(opened).get("variable", [])
        for block in blocks:
            for name, body in block.items():
                shapes[name.strip('"')] = parse(str(body.get("type", "any")))
    return shapes


def parse(text: str) -> Shape:
    """Return the shape of a type expression, such as `map(object({ days = optional(number, 7) }))`."""
    tokens = _TOKEN.findall(text.removeprefix("${").removesuffix("}") if text.startswith("${") else text)
    shape, rest = _type(tokens)
    if rest:
        raise ValueError(f"{' '.join(rest)} behind the type {text}")
    return shape


def _type(tokens: list[str]) -> tuple[Shape, list[str]]:
    name, rest = tokens[0], tokens[1:]
    if rest[:1] != ["("]:
        return Shape(), rest
    inside, rest = _enclosed(rest)
    if name == "optional":
        return _type(inside)[0], rest
    if name in ("map", "list", "set"):
        return Shape(element=_type(inside)[0]), rest
    if name == "object":
        return Shape(attributes=_attributes(_enclosed(inside)[0])), rest
    return Shape(), rest


def _attributes(tokens: list[str]) -> dict[str, Shape]:
    found = {}
    while tokens:
        if tokens[0] == ",":
            tokens = tokens[1:]
            continue
        name = tokens[0].strip('"')
        found[name], tokens = _type(tokens[2:])
    return found


def _enclosed(tokens: list[str]) -> tuple[list[str], list[str]]:
    """Return what is between the bracket that `tokens` begins with and its partner, and what is behind that."""
    depth, opening, closing = 0, tokens[0], _CLOSING[tokens[0]]
    for at, token in enumerate(tokens):
        depth += (token == opening) - (token == closing)
        if not depth:
            return tokens[1:at], tokens[at + 1 :]
    raise ValueError(f"{opening} without {closing}")
