"""The schemas of the static Iglu registry and the properties that they describe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scripts.policy_review.document import ROOT
from wire.self_describing import SchemaKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMAS = ROOT / "schemas"


def properties(schemas: Path = SCHEMAS) -> dict[SchemaKey, dict[str, int | None]]:
    """Return each schema's properties that hold values, by their path, such as `user.id` and `items[].price`.

    With each stands how many values it can have, None where the schema sets no limit to them.
    """
    return {
        SchemaKey.parse(f"iglu:{file.relative_to(schemas).as_posix()}"): dict(
            _leaves(json.loads(file.read_text("utf-8")), "")
        )
        for file in sorted(schemas.glob("*/*/jsonschema/*-*-*"))
    }


def _leaves(schema: dict[str, Any], path: str) -> Iterator[tuple[str, int | None]]:
    inner = [(f"{path}.{name}" if path else name, child) for name, child in schema.get("properties", {}).items()]
    if isinstance(schema.get("items"), dict):
        inner.append((f"{path}[]", schema["items"]))
    for child_path, child in inner:
        yield from _leaves(child, child_path)
    if path and not inner:
        yield path, _size(schema)


def _size(schema: dict[str, Any]) -> int | None:
    types = schema.get("type")
    kinds = {types} if isinstance(types, str) else set(types or ())
    kinds.discard("null")
    if "enum" in schema:
        return len(schema["enum"])
    if kinds == {"boolean"}:
        return 2
    if kinds <= {"integer", "number"} and kinds and "minimum" in schema and "maximum" in schema:
        return int(schema["maximum"] - schema["minimum"]) + 1
    return None
