"""JSON values by the policy's properties: structure and known keys are kept, every other key and scalar is a value.

An object `{"schema": iglu:…, "data": …}` is treated by the rules of its schema wherever it stands without a rule of its
own: in contexts, in self-describing events, and inside them. What is treated is changed in place.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.transform import json_text
from lambda_src.pseudonymizer.transform.actions import Actions, Allow, TextAction
from lambda_src.pseudonymizer.transform.known_names import KnownNames
from wire.self_describing import Criterion, SchemaKey

_LARGEST_CACHE = 1000
# So many objects alike are faster treated property by property than one by one: measured.
_ENOUGH = 5
_LONGEST_NUMBER = 19  # a pseudonym is longer
_TEXTS = {str, type(None)}
_NOT_AS_TEXT = {*_TEXTS, dict, list, bool}


class Entity(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A self-describing JSON, written with its keys in this order."""

    schema: str
    data: Any


class Node:
    """A place in a JSON: what happens there to a scalar, to each property of an object, to each item of an array."""

    __slots__ = ("action", "children", "items", "place", "whole")

    def __init__(self, action: TextAction, *, place: str | None = None) -> None:
        """`place` names the place where a key without a rule is new, and counted."""
        self.action = action
        self.children: dict[str, Node] = {}
        self.items: Node | None = None
        self.whole: Callable[[dict[str, object]], object] | None = None  # treats an object there at once
        self.place = place


class Entities:
    """The treatment of JSON values under one policy and key."""

    def __init__(self, actions: Actions, names: KnownNames, *, most_in_array: int | None) -> None:
        """Refuse arrays of more than `most_in_array` different values: docs/threat-model.md, asking for pseudonyms."""
        self._most_in_array = most_in_array
        self.unnamed = Node(actions.hide_unnamed)
        self._actions = actions
        self._names = names
        self._nodes: dict[tuple[str, str, str], list[tuple[Criterion, Node]]] = {}
        self._known: dict[str, Node] = {}

    def add(self, criterion: Criterion, node: Node) -> None:
        """Treat the data of the schemas in `criterion` by `node`; of two that overlap the first added is taken."""
        key = (criterion.vendor, criterion.name, criterion.format)
        self._nodes.setdefault(key, []).append((criterion, node))

    def value(self, value: object, node: Node) -> object:
        """Return what is shown of a parsed JSON value at `node`."""
        if type(value) is str:
            return node.action(value) if value else value
        if value is None:
            return None
        if isinstance(value, dict):
            return self._object(value, node)
        if isinstance(value, list):
            most = self._most_in_array
            if most is not None and len(value) > most and _distinct(value) > most:
                raise UnprocessableError(Reason.TOO_MANY_VALUES)
            items = node.items or self.unnamed
            return [self.value(item, items) for item in value]
        text = json_text.scalar_text(value)
        if type(value) is bool:  # one of two: its pseudonym would not hide which
            return self._boolean(value, text, node.action)
        return _of_kind(value, text, node.action(text))

    def _boolean(self, value: bool, text: str, action: TextAction) -> bool | None:
        if isinstance(action, Allow) and action.shows(text):
            self._actions.allowed(text)
            return value
        self._actions.erase(text)
        return None

    def have_schemas(self, entities: Iterable[Entity]) -> bool:
        """Return whether the schema of each is an Iglu URI, of a schema that the policy knows or not."""
        known = self._known
        for entity in entities:
            if entity.schema not in known and not self._names.is_schema_key(entity.schema):
                return False
        return True

    def treat(self, entities: Iterable[Entity]) -> None:
        """Put what is shown of the entities, which have schemas, in their places."""
        alike: defaultdict[tuple[str, ...], list[Entity]] = defaultdict(list)
        for entity in entities:
            # Data that is not an object, like an object without keys, has no property to treat it by.
            keys: Iterable[str] = entity.data if type(entity.data) is dict else ()
            alike[entity.schema, *keys].append(entity)
        for (uri, *names), group in alike.items():
            node = self._known.get(uri)
            if len(group) >= _ENOUGH and names and node is not None and node.children.keys() >= set(names):
                self._actions.counts.allowed += len(group)
                self._by_property([entity.data for entity in group], node)
            else:
                for entity in group:
                    entity.schema, node = self._schema(uri)
                    entity.data = self.value(entity.data, node)

    def self_describing(self, value: object) -> Entity:
        """Return what is shown of `{"schema": …, "data": …}`. Raises UnprocessableError when it is something else."""
        if not isinstance(value, dict) or not self._is_entity(value):
            raise UnprocessableError(Reason.NOT_SELF_DESCRIBING)
        entity = Entity(value["schema"], value["data"])
        self.treat([entity])
        return entity

    def unnamed_object(self, value: dict[str, object]) -> object:
        """Return what is shown of an object that the policy has no rule for, which may be self-describing."""
        return self.self_describing(value) if self._is_entity(value) else self._properties(value, self.unnamed)

    def _object(self, value: dict[str, object], node: Node) -> object:
        if node.whole is not None:
            return node.whole(value)
        return self.unnamed_object(value) if node is self.unnamed else self._properties(value, node)

    def _properties(self, value: dict[str, object], node: Node) -> dict[str, object]:
        children, shown = node.children, dict[str, object]()
        for key, item in value.items():
            child = children.get(key)
            if child is None:
                shown[self._hidden_key(key, node)] = self.value(item, self.unnamed)
            elif type(item) is str and item:  # most are
                shown[key] = child.action(item)
            else:
                shown[key] = self.value(item, child)
        return shown

    def _by_property(self, objects: Sequence[dict[str, Any]], node: Node) -> None:
        """Treat objects that have the same keys, all of them with a rule."""
        for key, values in zip(objects[0], list(zip(*[each.values() for each in objects], strict=True)), strict=True):
            shown = self._column(values, node.children[key])
            if shown is not values:
                for each, value in zip(objects, shown, strict=True):
                    each[key] = value

    def _column(self, values: Sequence[Any], node: Node) -> Sequence[object]:
        """Return what `value` does of each; the very sequence when all stays."""
        action = node.action
        if type(values[0]) is str and isinstance(action, Allow) and action.shows_column(values):
            return values
        kinds = set(map(type, values))
        if kinds <= _TEXTS:
            return self._actions.column(action, values)
        if kinds == {int} and isinstance(action, Allow):
            shown_integers = action.integers()
            if shown_integers.start <= min(values) and max(values) < shown_integers.stop:
                self._actions.counts.allowed += len(values)
                return values
        if kinds == {bool} and isinstance(action, Allow) and action.shows_all(("true", "false")):
            self._actions.counts.allowed += len(values)
            return values
        if kinds == {dict} and not any(values):
            return values
        if kinds & _NOT_AS_TEXT:
            return [self.value(value, node) for value in values]
        texts = list(map(str if kinds == {int} else json_text.scalar_text, values))
        shown = self._actions.column(action, texts)
        if shown is texts:
            return values
        return list(map(_of_kind, values, texts, shown))

    def _hidden_key(self, key: str, node: Node) -> str:
        hidden = self._names.pseudonymize(key)
        if node.place is not None:
            self._actions.counts.note_unknown(f"{node.place} {self._names.field(key, hidden)}")
        return hidden

    def _is_entity(self, value: dict[str, object]) -> bool:
        if len(value) != 2 or "data" not in value or type(uri := value.get("schema")) is not str:
            return False
        return uri in self._known or self._names.is_schema_key(uri)

    def _schema(self, uri: str) -> tuple[str, Node]:
        """Return what is shown of a schema's URI, and how its data is treated."""
        shown = self._names.schema_key(uri)
        node = self._node(uri) if shown == uri else self.unnamed
        if node is self.unnamed:
            self._actions.counts.note_unknown(shown)
        return shown, node

    def _node(self, uri: str) -> Node:
        key = SchemaKey.parse(uri)
        for criterion, node in self._nodes.get((key.vendor, key.name, key.format), ()):
            if criterion.matches(key):
                if len(self._known) < _LARGEST_CACHE:  # schemas of the policy only: the cache holds nobody's data
                    self._known[uri] = node
                return node
        return self.unnamed


def _distinct(values: Sequence[object]) -> int:
    """Return how many different values an array has; each object or array in it may be another."""
    scalars = [value for value in values if not isinstance(value, dict | list)]
    return len(values) - len(scalars) + len(set(map(str, scalars)))


def _of_kind(value: object, text: str, shown: str | None) -> object:
    """Return what is shown of a value with this text: itself, or a coarse whole number as a number again."""
    if shown == text:
        return value
    is_number = type(value) is int and shown is not None and len(shown) <= _LONGEST_NUMBER
    return int(shown) if is_number and shown else shown
