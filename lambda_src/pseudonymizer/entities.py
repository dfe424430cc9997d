"""JSON values by the policy's properties: structure and known keys are kept, every other key and scalar is a value.

An object `{"schema": iglu:…, "data": …}` is treated by the rules of its schema wherever it stands without a rule of its
own: in contexts, in self-describing events, and inside them. What is treated is changed in place.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from lambda_src.pseudonymizer import json_text
from lambda_src.pseudonymizer.actions import Actions, Allow, TextAction
from lambda_src.pseudonymizer.errors import Reason, UnprocessableError
from lambda_src.pseudonymizer.known_names import KnownNames
from wire.self_describing import Criterion, SchemaKey

_LARGEST_CACHE = 1000


@dataclass(slots=True)
class Node:
    """A place in a JSON: what happens there to a scalar, to each property of an object, to each item of an array."""

    action: TextAction
    children: dict[str, "Node"] = field(default_factory=dict)
    items: "Node | None" = None
    whole: Callable[[dict[str, object]], object] | None = None  # treats an object there at once
    place: str | None = None  # names the place where a key without a rule is new, and counted


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
        children = node.children
        if value.keys() <= children.keys():
            self._known_properties(value, children)
            return value
        return {
            key if (child := children.get(key)) else self._hidden_key(key, node): self.value(
                item, child or self.unnamed
            )
            for key, item in value.items()
        }

    def _known_properties(self, value: dict[str, object], children: dict[str, Node]) -> None:
        # Does what `value` does, without a call for each text and integer: most values are these.
        allowed = 0
        for key, item in value.items():
            action = children[key].action
            if type(item) is int and type(action) is Allow and item in action.integers:
                allowed += 1
            elif type(item) is not str:
                value[key] = self.value(item, children[key])
            elif not item:
                pass
            elif type(action) is not Allow:
                value[key] = action(item)
            elif action.shows(item):
                allowed += 1
            else:
                value[key] = action.otherwise(item)
        self._actions.counts.allowed += allowed

    def _hidden_key(self, key: str, node: Node) -> str:
        hidden = self._actions.pseudonymize(key)
        if node.place is not None:
            self._actions.counts.note_unknown(f"{node.place} {self._names.field(key, hidden)}")
        return hidden

    def _self_describing(self, value: dict[str, object]) -> dict[str, object] | None:
        if len(value) != 2 or "data" not in value or not isinstance(uri := value.get("schema"), str):
            return None
        node = self._known.get(uri)
        data = value["data"]
        if node is not None:
            self._actions.counts.allowed += 1
            if type(data) is dict and data.keys() <= node.children.keys():
                self._known_properties(data, node.children)
            else:
                data = self.value(data, node)
            return {"schema": uri, "data": data}
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
