"""Check the static Iglu registry and the evolution of its schemas; vendor a schema from another registry.

Example: python -m scripts.schemas check
Another: python -m scripts.schemas vendor com.acme/thing/jsonschema/1-0-0 --registry https://registry.example.org

An ADDITION (1-0-0 to 1-0-1) has to accept whatever the version before accepts; a REVISION or a new MODEL need not.
Source: SchemaVer. What it refuses is shown by an instance that the older version accepts.

Exit code 0: nothing wrong, or written. 1: a line for each thing that is wrong. 2: wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import urllib3

from scripts.iglu_registry.evolution import narrowed
from scripts.terraform_runner.environment import ROOT
from services.enricher.iglu.registries import Directory, RegistryError
from services.enricher.iglu.schema import SchemaError, compiled
from wire.self_describing import SchemaKey, SchemaKeyError

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    """Yield a line for each file that is not a schema and each ADDITION that accepts less. Raises RegistryError."""
    yield from Directory(registry).broken
    versions: dict[Path, list[SchemaKey]] = defaultdict(list)
    for file in registry.glob("*/*/jsonschema/*"):
        with suppress(SchemaKeyError, SchemaError):  # said above
            key = SchemaKey.parse(f"iglu:{file.relative_to(registry).as_posix()}")
            compiled(file.read_bytes(), key)
            versions[file.parent].append(key)
    for keys in versions.values():
        for older, newer, witness in narrowed(registry, keys):
            yield f"{registry / newer.path}: {witness}; make it a REVISION of {older.version}"


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
