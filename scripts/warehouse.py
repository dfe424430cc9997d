"""Show which migrations a warehouse lacks, or run them.

Examples:
  python -m scripts.warehouse --env dev
  python -m scripts.warehouse --env dev --run
  python -m scripts.warehouse --embedded build/warehouse --run

Exit code 0: up to date, shown or applied. 1: failed; the last line says why and what stands.

"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.snowflake_warehouse import account, embedded, migrations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from scripts.snowflake_warehouse.migrations import Cursor

ENVIRONMENTS = Path(__file__).parent.parent / "environments"


def target(options: argparse.Namespace) -> tuple[AbstractContextManager[Cursor], Mapping[str, str], frozenset[str]]:
    """Return how to connect, the values of the migrations, and the kinds of statement the target cannot run."""
    if options.embedded:
        return embedded.connect(options.embedded), embedded.VALUES, embedded.SKIPPED_KINDS
    chosen = account.read(ENVIRONMENTS / options.env / "warehouse.yaml")
    return account.connect(chosen), chosen.values, frozenset()


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a warehouse."""
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--env", help="a directory of environments/ with a warehouse.yaml")
    group.add_argument("--embedded", type=Path, metavar="FOLDER", help="the folder of an embedded warehouse")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.warehouse", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_target(parser)
    parser.add_argument("--run", action="store_true", help="apply what is pending; without it nothing is changed")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(arguments)
    try:
        connection, values, skipped_kinds = target(options)
        read = migrations.read(values)
        with connection as cursor:
            found = migrations.pending(cursor, read)
            skipped: list[str] = []
            for each in found if options.run else ():
                skipped += [f"{each.migration.name}: {one.kind}" for one in _apply(cursor, each, skipped_kinds)]
    except (account.WarehouseError, migrations.MigrationError) as problem:
        print(problem, file=sys.stderr)
        return 1
    _show([each.migration.name for each in found], skipped, run=options.run, as_json=options.json)
    return 0


def _apply(cursor: Cursor, each: migrations.Pending, skipped_kinds: frozenset[str]) -> list[migrations.Statement]:
    return migrations.apply(cursor, each, skipped_kinds, lambda text: print(text, file=sys.stderr))


def _show(names: list[str], skipped: list[str], *, run: bool, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"applied" if run else "pending": names, "skipped": skipped}, indent=2))
        return
    print(*(f"{'applied' if run else 'pending'} {name}" for name in names), sep="\n", end="\n" if names else "")
    print(*(f"skipped {each}: not for this warehouse" for each in skipped), sep="\n", end="\n" if skipped else "")
    if not names:
        print("up to date")
    elif not run:
        print("nothing was changed: --run applies these")


if __name__ == "__main__":
    sys.exit(main())
