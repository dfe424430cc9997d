"""Check the static Iglu registry and the evolution of its schemas; vendor a schema from another registry.

Example: python -m scripts.schemas check
Another: python -m scripts.schemas vendor com.acme/thing/jsonschema/1-0-0 --registry https://registry.example.org

An ADDITION (1-0-0 to 1-0-1) has to accept whatever the version before accepts; a REVISION or a new MODEL need not.
Source: SchemaVer. Exit code 0: nothing wrong, or written. 1: a line for each thing that is wrong. 2: wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import urllib3

from scripts.terraform_runner.environment import ROOT
from services.enricher.iglu.registries import Directory, RegistryError
from services.enricher.iglu.schema import SchemaError, compiled
from wire.self_describing import SchemaKey, SchemaKeyError

if TYPE_CHECKING:
    from collections.abc import Iterator

type Content = dict[str, Any]

# Keywords whose greater (or smaller) value accepts more, and those of which only the same accepts as much.
_GREATER = ("maxLength", "maximum", "maxItems", "maxProperties")
_SMALLER = ("minLength", "minimum", "minItems", "minProperties")
_SAME = ("pattern", "format", "multipleOf", "uniqueItems", "not", "allOf", "anyOf", "oneOf", "exclusiveMinimum")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.schemas", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--schemas", type=Path, default=ROOT / "schemas", help="the registry (default: schemas/)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="every schema is one, at its place, and evolves as SchemaVer says")
    vendor = commands.add_parser("vendor", help="write a schema of another registry into this one")
    vendor.add_argument("key", help="vendor/name/jsonschema/version")
    vendor.add_argument("--registry", required=True, help="address of a registry, without /schemas")
    options = parser.parse_args(arguments)
    try:
        if options.command == "vendor":
            print(_vendor(options.schemas, options.key, options.registry))
            return 0
        problems = list(check(options.schemas))
    except (RegistryError, SchemaKeyError, SchemaError) as error:
        print(error, file=sys.stderr)
        return 1
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def check(registry: Path) -> Iterator[str]:
    """Yield a line for each broken schema, else for each ADDITION that accepts less than the version before.

    Raises RegistryError.
    """
    if broken := Directory(registry).broken:
        yield from broken
        return
    versions: dict[Path, list[SchemaKey]] = defaultdict(list)
    for file in registry.glob("*/*/jsonschema/*"):
        versions[file.parent].append(SchemaKey.parse(f"iglu:{file.relative_to(registry).as_posix()}"))
    for keys in versions.values():
        for older, newer in pairwise(sorted(keys, key=lambda key: key.number)):
            if (older.model, older.revision) == (newer.model, newer.revision):
                old, new = (json.loads((registry / key.path).read_text()) for key in (older, newer))
                for place, what in narrowed(old, new, "$"):
                    yield f"{registry / newer.path}: {place}: {what} than in {older.version}: make it a REVISION"


def narrowed(old: Content, new: Content, place: str) -> Iterator[tuple[str, str]]:
    """Yield where, and in what, `new` accepts less than `old`; a subschema that references another is not followed."""
    if "type" in new and not _types(old) <= _types(new):
        yield place, "type accepts less"
    if "enum" in new and not all(value in new["enum"] for value in old.get("enum", [object()])):
        yield place, "enum accepts less"
    for keyword in (*_GREATER, *_SMALLER, *_SAME):
        if keyword in new and not _as_wide(keyword, old.get(keyword), new[keyword]):
            yield place, f"{keyword} accepts less"
    for name in sorted(set(new.get("required", [])) - set(old.get("required", []))):
        yield place, f"`{name}` is required, other"
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield place, "additionalProperties accepts less"
    properties = new.get("properties", {})
    for name, content in old.get("properties", {}).items():
        if name in properties:
            yield from narrowed(content, properties[name], f"{place}.{name}")
        elif new.get("additionalProperties") is False:
            yield place, f"`{name}` is gone, other"
    if isinstance(new.get("items"), dict):
        yield from narrowed(old["items"] if isinstance(old.get("items"), dict) else {}, new["items"], f"{place}[]")


def _types(schema: Content) -> set[str]:
    named = schema.get("type", ["array", "boolean", "integer", "null", "number", "object", "string"])
    types = {named} if isinstance(named, str) else set(named)
    return types | {"integer"} if "number" in types else types


def _as_wide(keyword: str, old: object, new: object) -> bool:
    if keyword in _SAME:
        return old == new
    if not isinstance(old, int | float) or not isinstance(new, int | float):
        return new == 0 and keyword in _SMALLER and keyword != "minimum"
    return new >= old if keyword in _GREATER else new <= old


def _vendor(registry: Path, path: str, address: str) -> Path:
    """Fetch a schema and write it at its place; returns the file. Raises RegistryError, SchemaError, SchemaKeyError."""
    key = SchemaKey.parse(f"iglu:{path}")
    uri = f"{address.rstrip('/')}/schemas/{key.path}"
    try:
        answer = urllib3.request("GET", uri, timeout=10, retries=2)
    except urllib3.exceptions.HTTPError as error:
        raise RegistryError(f"{uri}: {type(error).__name__}; is --registry right?") from None
    if answer.status != 200:
        raise RegistryError(f"{uri}: answers {answer.status}")
    compiled(answer.data, key)
    file = registry / key.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(json.loads(answer.data), indent=2, ensure_ascii=False) + "\n")
    return file


if __name__ == "__main__":
    sys.exit(main())
