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


def properties(schemas: Path = SCHEMAS) -> dict[SchemaKey, frozenset[str]]:
    """Return each schema's properties by their path, such as `user.id` and `items[].price`: those that hold values."""
    return {
        SchemaKey.parse(f"iglu:{file.relative_to(schemas).as_posix()}"): frozenset(
            _leaves(json.loads(file.read_text("utf-8")), "")
        )
        for file in sorted(schemas.glob("*/*/jsonschema/*-*-*"))
    }


def _leaves(schema: dict[str, Any], path: str) -> Iterator[str]:
    inner = [(f"{path}.{name}" if path else name, child) for name, child in schema.get("properties", {}).items()]
    if isinstance(schema.get("items"), dict):
        inner.append((f"{path}[]", schema["items"]))
    for child_path, child in inner:
        yield from _leaves(child, child_path)
    if path and not inner:
        yield path
