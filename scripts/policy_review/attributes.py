"""An event before and after the transform, attribute by attribute: columns, properties in JSON, and their names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING

from lambda_src.pseudonymizer.pseudonym import LENGTH
from lambda_src.pseudonymizer.transform import json_text
from wire.columns import COLUMNS, ColumnKind
from wire.self_describing import SchemaKey, SchemaKeyError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PSEUDONYM = re.compile(f"[0-9a-f]{{{LENGTH}}}")
_SCHEMA_AND_DATA = {"schema", "data"}
_NAME_AND_VALUE = {"name", "value"}


class Outcome(StrEnum):
    """What happened to a value."""

    VISIBLE = "visible"
    PARTLY = "partly visible"
    HIDDEN = "hidden"
    ERASED = "erased"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in an event: a column, or a property by its path in the data of a schema; one of them may be missing."""

    column: str = ""
    schema: str = ""
    path: str = ""
    parameter: str = ""  # where it is the value of an object {"name": …, "value": …}
    is_name: bool = False  # the key of a property or the URI of a schema, and not its value

    @property
    def last(self) -> str:
        """The nearest name, such as the property's path."""
        of = f" of {self.parameter}" if self.parameter else " (name)" if self.is_name else ""
        return f"{self.path or self.schema or self.column}{of}"

    @property
    def within(self) -> str:
        """What that is in: the column, the schema."""
        outer = (self.column if self.schema or self.path else "", self.schema if self.path else "")
        return " > ".join(each for each in outer if each)

    def __str__(self) -> str:
        return f"{self.within} > {self.last}" if self.within else self.last


@dataclass(frozen=True, slots=True)
class Attribute:
    """One text before and after."""

    where: Where
    before: str
    after: str

    @property
    def outcome(self) -> Outcome:
        """What happened to it."""
        if self.before == self.after:
            return Outcome.VISIBLE
        if not self.before:
            return Outcome.ADDED
        if not self.after:
            return Outcome.ERASED
        return Outcome.HIDDEN if _PSEUDONYM.fullmatch(self.after) else Outcome.PARTLY


def of_event(before: str, after: str) -> Iterator[Attribute]:
    """Yield the attributes of an enriched event, both as the transform takes and gives it; empty cells are left out."""
    for column, old, new in zip(COLUMNS, before.split("\t"), after.split("\t"), strict=True):
        where = Where(column.name)
        if column.kind is ColumnKind.JSON and (old or new):
            yield from _of_json(where, _parsed(old), _parsed(new))
        elif old or new:
            yield Attribute(where, old, new)


def of_failed_event(before: str, after: str) -> Iterator[Attribute]:
    """Yield the attributes of a failed event, both as the transform takes and gives it."""
    yield from _of_json(Where(), _parsed(before), _parsed(after))


def _parsed(text: str) -> object:
    return json_text.decode(text) if text else None


def _of_json(where: Where, before: object, after: object) -> Iterator[Attribute]:
    if isinstance(before, dict) and (isinstance(after, dict) or after is None):
        yield from _of_object(where, before, after or {})
    elif isinstance(before, list) and (isinstance(after, list) or after is None):
        for old, new in zip_longest(before, after or []):
            yield from _of_json(_below(where, "[]"), old, new)
    elif before is None and isinstance(after, dict | list):
        for new in after.values() if isinstance(after, dict) else after:
            yield from _of_json(where, None, new)
    else:
        attribute = Attribute(where, _text(before), _text(after))
        if attribute.before or attribute.after:
            yield attribute


def _of_object(where: Where, before: dict[str, object], after: dict[str, object]) -> Iterator[Attribute]:
    if before.keys() == _SCHEMA_AND_DATA and _is_uri(uri := before["schema"]):
        inner = Where(where.column, str(uri))
        yield Attribute(Where(where.column, str(uri), is_name=True), str(uri), _text(after.get("schema")))
        yield from _of_json(inner, before["data"], after.get("data"))
        return
    # A name that is not shown has another in its place: what is left over on both sides belongs together, in order.
    others = iter([key for key in after if key not in before])
    for key, value in before.items():
        shown = key if key in after else next(others, "")
        yield Attribute(_below(where, key, is_name=True), key, shown)
        inside = _below(where, key)
        if key == "value" and before.keys() == _NAME_AND_VALUE:
            inside = replace(inside, parameter=_text(before["name"]))
        yield from _of_json(inside, value, after.get(shown))
    for key in others:
        yield from _of_json(_below(where, key), None, after[key])


def _below(where: Where, step: str, *, is_name: bool = False) -> Where:
    path = f"{where.path}.{step}" if where.path and step != "[]" else f"{where.path}{step}"
    return Where(where.column, where.schema, path, is_name=is_name)


def _is_uri(value: object) -> bool:
    try:
        SchemaKey.parse(value if isinstance(value, str) else "")
    except SchemaKeyError:
        return False
    return True


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json_text.encode(value).decode()
    return json_text.scalar_text(value)
