"""JSON values by the policy's properties: structure and known keys are kept, every other key and scalar is a value.

An object `{"schema": iglu:…, "data": …}` is treated by the rules of its schema wherever it stands without a rule of its
own: in contexts, in self-describing events, and inside them. What is treated is changed in place.
"""

from typing import TYPE_CHECKING, Any

from lambda_src.pseudonymizer import json_text
from lambda_src.pseudonymizer.actions import Actions, Allow, TextAction, shows_nothing
from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.known_names import KnownNames
from wire.self_describing import Criterion, SchemaKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_src.pseudonymizer.vocabulary import TextTest

_LARGEST_CACHE = 1000


class Node:
    """A place in a JSON: what happens there to a scalar, to each property of an object, to each item of an array."""

    __slots__ = ("action", "children", "end", "items", "least", "otherwise", "place", "shows", "whole")

    def __init__(self, action: TextAction, *, place: str | None = None) -> None:
        """`place` names the place where a key without a rule is new, and counted."""
        self.take(action)
        self.children: dict[str, Node] = {}
        self.items: Node | None = None
        self.whole: Callable[[dict[str, object]], object] | None = None  # treats an object there at once
        self.place = place

    def take(self, action: TextAction) -> None:
        """Treat scalars there by `action`, whose parts are at hand for the loop over most values."""
        self.action = action
        self.shows: TextTest = shows_nothing
        self.otherwise = action
        self.least = self.end = 0  # integers that are shown: from the one to below the other
        if isinstance(action, Allow):
            self.shows, self.otherwise = action.shows, action.otherwise
            self.least, self.end = action.integers.start, action.integers.stop


class Entities:
    """The treatment of JSON values under one policy and key."""

    def __init__(self, actions: Actions, names: KnownNames) -> None:
        self.unnamed = Node(actions.pseudonymize)
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
            items = node.items or self.unnamed
            return [self.value(item, items) for item in value]
        text = json_text.scalar_text(value)
        shown = node.action(text)
        return value if shown == text else shown

    def self_describing(self, value: object) -> dict[str, object]:
        """Return what is shown of `{"schema": …, "data": …}`. Raises UnprocessableError when it is something else."""
        shown = self._self_describing(value) if isinstance(value, dict) else None
        if shown is None:
            raise UnprocessableError(Reason.NOT_SELF_DESCRIBING)
        return shown

    def unnamed_object(self, value: dict[str, object]) -> object:
        """Return what is shown of an object that the policy has no rule for, which may be self-describing."""
        return self._object(value, self.unnamed)

    def _object(self, value: dict[str, object], node: Node) -> object:
        if node.whole is not None:
            return node.whole(value)
        if node is self.unnamed and (entity := self._self_describing(value)) is not None:
            return entity
        return self._properties(value, node)

    def _properties(self, value: dict[str, Any], node: Node) -> dict[str, object]:
        # Does what `value` does, without a call of ours for each text, integer and boolean: most values are these.
        children = node.children
        allowed = 0
        for key, item in value.items():
            try:
                child = children[key]
            except KeyError:
                self._actions.counts.allowed += allowed
                return self._unknown_properties(value, key, node)
            kind = type(item)
            if kind is str:
                if not item:
                    continue
                if child.shows(item):
                    allowed += 1
                else:
                    value[key] = child.otherwise(item)
            elif kind is int and child.least <= item < child.end:
                allowed += 1
            elif kind is int or kind is bool:
                text = str(item) if kind is int else "true" if item else "false"
                if child.shows(text):
                    allowed += 1
                else:
                    shown = child.otherwise(text)
                    value[key] = item if shown == text else shown
            elif item:  # an empty object or array stays
                value[key] = self.value(item, child)
        self._actions.counts.allowed += allowed
        return value

    def _unknown_properties(self, value: dict[str, Any], first: str, node: Node) -> dict[str, object]:
        # `first` is the first key that has no rule. All before it is treated already.
        shown: dict[str, object] = {}
        is_treated = True
        for key, item in value.items():
            is_treated = is_treated and key != first
            if is_treated:
                shown[key] = item
            elif child := node.children.get(key):
                shown[key] = self.value(item, child)
            else:
                hidden = self._hidden_key(key, node)
                shown[hidden] = self.value(item, self.unnamed)
        return shown

    def _hidden_key(self, key: str, node: Node) -> str:
        hidden = self._actions.pseudonymize(key)
        if node.place is not None:
            self._actions.counts.note_unknown(f"{node.place} {self._names.field(key, hidden)}")
        return hidden

    def _self_describing(self, value: dict[str, object]) -> dict[str, object] | None:
        if len(value) != 2 or "data" not in value or type(uri := value.get("schema")) is not str:
            return None
        node = self._known.get(uri)
        data = value["data"]
        if node is not None:
            self._actions.counts.allowed += 1
            return {
                "schema": uri,
                "data": self._properties(data, node) if type(data) is dict else self.value(data, node),
            }
        shown = self._names.shown_schema_key(uri)
        if shown is None:
            return None
        node = self._node(uri) if shown == uri else self.unnamed
        if node is self.unnamed:
            self._actions.counts.note_unknown(shown)
        return {"schema": shown, "data": self.value(data, node)}

    def _node(self, uri: str) -> Node:
        key = SchemaKey.parse(uri)
        for criterion, node in self._nodes.get((key.vendor, key.name, key.format), ()):
            if criterion.matches(key):
                if len(self._known) < _LARGEST_CACHE:  # schemas of the policy only: the cache holds nobody's data
                    self._known[uri] = node
                return node
        return self.unnamed
