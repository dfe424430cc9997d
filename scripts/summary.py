"""Write the summary page of a warehouse: what came, what failed and why, as one HTML file without a request.

Examples:
  python -m scripts.summary --env dev --out build/summary.html
  python -m scripts.summary --embedded .snowveil/localstack/warehouse

Exit code 0: written. 1: the warehouse could not be asked.

"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from snowflake.connector import errors

from scripts.snowflake_warehouse import account, embedded
from scripts.summary_page import cube, page
from scripts.warehouse import add_target, target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.snowflake_warehouse.migrations import Cursor


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.summary", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_target(parser)
    parser.add_argument("--out", type=Path, default=Path("build/summary.html"), help="default: build/summary.html")
    options = parser.parse_args(arguments)
    if options.embedded and not embedded.file_of(options.embedded).exists():
        print(f"{options.embedded}: holds no warehouse: make demo KEEP=1 makes one", file=sys.stderr)
        return 1
    try:
        with _connected(options) as cursor:
            found = cube.read(cursor, options.env or "demo", dt.datetime.now(dt.UTC).replace(tzinfo=None))
    except (account.WarehouseError, errors.Error, duckdb.Error) as problem:
        print(f"summary: {' '.join(str(problem).split())}", file=sys.stderr)
        return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    written = options.out.write_bytes(page.render(found).encode("utf-8", "replace"))
    print(f"{options.out}: {written:,} bytes")
    return 0


@contextmanager
def _connected(options: argparse.Namespace) -> Iterator[Cursor]:
    if options.env:
        with target(options)[0] as cursor:
            yield cursor
        return
    # A copy, so that the loader goes on.
    with tempfile.TemporaryDirectory() as copy:
        with embedded.reader(options.embedded):  # while it is held, no loader writes
            shutil.copytree(options.embedded, copy, dirs_exist_ok=True)
        with embedded.connect(Path(copy)) as cursor:
            yield cursor


if __name__ == "__main__":
    sys.exit(main())
