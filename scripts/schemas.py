"""Check the static Iglu registry, copy schemas from other registries, and list the schemas that failed events missed.

Examples:
  python -m scripts.schemas check
  python -m scripts.schemas vendor com.acme/thing/jsonschema/1-0-0 --registry https://registry.example.org
  python -m scripts.schemas missing failed/ --registry https://registry.example.org
  python -m scripts.schemas mirror ~/iglu-central --select 'com.acme.*' --to s3://registry/iglu --lock schemas.lock.json

check: an ADDITION (1-0-0 to 1-0-1) has to accept whatever the version before accepts; a REVISION or a new MODEL need
not. Source: SchemaVer. What it refuses is shown by an instance that the older version accepts.
mirror: without --run it says what it would do. A schema that is there with the locked hash is left alone, so
the same command goes on after an interruption. The lock file is committed, beside the environment's settings.

Exit code 0: nothing wrong, or done. 1: a line for each thing that is wrong. 2: wrong arguments.

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
from scripts.iglu_registry.mirror import choose, mirror
from scripts.iglu_registry.missing import is_hidden, lines_of, missing
from scripts.iglu_registry.sources import keys_of, source
from scripts.iglu_registry.targets import target
from scripts.policy_review import document
from scripts.terraform_runner.environment import ROOT
from scripts.terraform_runner.run import progress
from services.enricher.iglu.registries import Directory, RegistryError
from services.enricher.iglu.schema import SchemaError, compiled
from wire.self_describing import SchemaKey, SchemaKeyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scripts.iglu_registry.mirror import Mirrored

POLICY = "policy/gitlab.yaml"
MOST = 2000
_LISTED = 20  # added schemas that are printed; --json prints all


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run_command(options)
    except (RegistryError, SchemaKeyError, SchemaError, document.UnusableError) as error:
        print(error, file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.schemas", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--schemas", type=Path, default=ROOT / "schemas", help="the registry (default: schemas/)")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="every schema is one, at its place, and evolves as SchemaVer says")
    checking.set_defaults(run_command=_check)
    vendor = commands.add_parser("vendor", help="write a schema of another registry into this one")
    vendor.add_argument("key", help="vendor/name/jsonschema/version")
    vendor.add_argument("--registry", required=True, help="address of a registry, without /schemas")
    vendor.set_defaults(run_command=_vendor)
    lost = commands.add_parser(
        "missing", help="list the schemas that failed events asked for and no registry had, with counts"
    )
    lost.add_argument("files", nargs="+", type=Path, help="files of failed events, one a line, or directories of them")
    lost.add_argument("--registry", default="ADDRESS", help="where the printed commands take the schemas from")
    lost.add_argument("--json", action="store_true", help="print counts by key as JSON")
    lost.set_defaults(run_command=_missing)
    copying = commands.add_parser("mirror", help="copy chosen schemas of a registry, pinned by a lock file")
    copying.add_argument("source", help="a registry's address, or a directory or checkout of one")
    copying.add_argument("--select", action="append", required=True, help="a pattern such as 'com.acme.*'; repeatable")
    copying.add_argument("--to", required=True, help="a directory, or s3://<bucket>/<prefix>")
    copying.add_argument("--lock", required=True, type=Path, help="the lock file, which is committed")
    copying.add_argument("--keys", type=Path, help="keys, one a line, for a registry that lists none")
    copying.add_argument("--max", type=int, default=MOST, help=f"refuse to copy more schemas (default: {MOST})")
    copying.add_argument("--run", action="store_true", help="do it; without it nothing is written")
    copying.add_argument("--json", action="store_true", help="print everything as JSON")
    copying.set_defaults(run_command=_mirror)
    return parser


def _check(options: argparse.Namespace) -> int:
    problems = list(check(options.schemas))
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


def _vendor(options: argparse.Namespace) -> int:
    print(vendor(options.schemas, options.key, options.registry))
    return 0


def vendor(registry: Path, path: str, address: str) -> Path:
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


def _missing(options: argparse.Namespace) -> int:
    counts = missing(lines_of(options.files))
    if options.json:
        print(json.dumps(dict(counts.most_common()), indent=2))
        return 0
    hidden = 0
    for key, count in counts.most_common():
        if is_hidden(key):
            hidden += count
        else:
            command = f"python -m scripts.schemas vendor {key.removeprefix('iglu:')} --registry {options.registry}"
            print(f"{count:>8}  {key}\n          {command}")
    if hidden:
        print(
            f"{hidden:>8}  of vendors or names that the policy does not know: they are pseudonyms here.\n"
            "          Mirror the registry that your trackers use; name its schemas in the policy to see their names."
        )
    if not counts:
        print("no failed event asked for a schema that was not there")
    return 0


def _mirror(options: argparse.Namespace) -> int:
    origin = source(options.source)
    keys = choose(keys_of(options.keys) if options.keys else origin.keys(), options.select, options.max)
    with progress(f"{len(keys)} schemas"):
        result = mirror(keys, origin, target(options.to), options.lock, run=options.run)
    named = _named(result.added)
    if options.json:
        print(json.dumps({"there": result.there, "added": result.added, "named": named, "problems": result.problems}))
    else:
        _show(result, len(named), options)
    for problem in result.problems:
        print(problem, file=sys.stderr)
    return 1 if result.problems else 0


def _show(result: Mirrored, named: int, options: argparse.Namespace) -> None:
    for key in result.added[:_LISTED]:
        print(f"  + {key}")
    if len(result.added) > _LISTED:
        print(f"  … and {len(result.added) - _LISTED} more")
    word = "added" if options.run else "to add"
    print(f"{len(result.added)} {word}, {len(result.there)} already there, {len(result.problems)} with a problem")
    if result.added:
        print(f"the policy names {named} of them: every value of the others is hidden. To show any: docs/policy.md")
        if not options.run:
            print("nothing was written; the same command with --run does it")


def _named(paths: Iterable[str]) -> list[str]:
    """Return the keys that a criterion of the policy matches."""
    criteria = list(document.load(document.read(POLICY)).schemas)
    keys = ((path, SchemaKey.parse(f"iglu:{path}")) for path in paths)
    return [path for path, key in keys if any(criterion.matches(key) for criterion in criteria)]


if __name__ == "__main__":
    sys.exit(main())
