"""The schema families of the registry: every version of a schema with the same vendor, name and model."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tools.warehouse_sql.marks import ROOT, Mark, of_property, property_links, rules_of
from tools.warehouse_sql.text import identifier
from wire.self_describing import SchemaKey

# Envelopes: they hold entities, events or requests, and are none themselves.
_ENVELOPES = frozenset({"contexts", "unstruct_event", "payload_data"})


@dataclass(frozen=True, slots=True)
class Property:
    """A top-level property as its newest schema describes it."""

    name: str
    types: frozenset[str]
    format: str | None
    description: str
    mark: Mark
    links: bool


@dataclass(slots=True)
class Family:
    """One family; `properties` in the order in which the versions introduced them, so that new ones come last."""

    vendor: str
    name: str
    model: int
    properties: dict[str, Property] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        """`com_gitlab_gitlab_standard_1`."""
        return f"{identifier(self.vendor)}_{identifier(self.name)}_{self.model}"

    @property
    def prefix(self) -> str:
        """What the URI of each of its versions begins with."""
        return f"iglu:{self.vendor}/{self.name}/jsonschema/{self.model}-"


def families() -> list[Family]:
    """Return the families whose data are objects, by name. Raises ValueError when two versions differ in a type."""
    found: dict[str, Family] = {}
    for key, schema in _schemas():
        rules = rules_of(key)
        if key.name in _ENVELOPES or rules is None:
            continue  # a schema that the policy does not name keeps neither its name nor its properties
        family = Family(key.vendor, key.name, key.model)
        family = found.setdefault(family.identifier, family)
        for name, body in schema.get("properties", {}).items():
            described = _property(name, body, of_property(rules, name), links=property_links(rules, name))
            before = family.properties.setdefault(name, described)
            if before.types != described.types - {"null"}:
                raise ValueError(f"schemas/{key.path}: {name} has another type than in the versions before")
            family.properties[name] = described
    return [found[name] for name in sorted(found)]


def _schemas() -> list[tuple[SchemaKey, dict[str, dict[str, dict[str, object]]]]]:
    """Return every schema of the registry, a family's versions from the oldest."""
    found = []
    for path in (ROOT / "schemas").glob("*/*/jsonschema/*-*-*"):
        key = SchemaKey.parse("iglu:" + path.relative_to(ROOT / "schemas").as_posix())
        found.append((key, json.loads(path.read_text("utf-8"))))
    return sorted(found, key=lambda each: (each[0].vendor, each[0].name, each[0].number))


def _property(name: str, body: dict[str, object], mark: Mark, *, links: bool) -> Property:
    types = body.get("type", [])
    listed = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    text_format, description = body.get("format"), body.get("description")
    return Property(
        name,
        frozenset(str(each) for each in listed) - {"null"},
        text_format if isinstance(text_format, str) else None,
        description if isinstance(description, str) else "",
        mark,
        links,
    )
