"""Ask an embedded warehouse in Snowflake's SQL: one query from the command line, or one a line from a terminal.

Examples:
  python -m scripts.warehouse_shell .snowveil/localstack/warehouse
  python -m scripts.warehouse_shell .snowveil/localstack/warehouse --query 'select count(*) from events.events'

Exit code 0: answered. 1: the warehouse is not there, another process writes to it, or the query failed.

"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from snowflake.connector import errors

from scripts.snowflake_warehouse import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.snowflake_warehouse.migrations import Cursor


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.warehouse_shell",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="the folder of the warehouse")
    parser.add_argument("--query", help="ask this and end")
    options = parser.parse_args(arguments)
    if not embedded.file_of(options.folder).exists():
        print(f"{options.folder}: holds no warehouse: make demo KEEP=1 makes one", file=sys.stderr)
        return 1
    console = Console()
    # A copy, so that the loader goes on and nothing that is typed here changes what it fills.
    with tempfile.TemporaryDirectory() as copy:
        with embedded.reader(options.folder):  # while it is held, no loader writes
            shutil.copytree(options.folder, copy, dirs_exist_ok=True)
        with embedded.connect(Path(copy)) as cursor:
            code = 0
            for query in [options.query] if options.query else _typed():
                code = _answer(cursor, query, console)
            return code


def _typed() -> Iterator[str]:
    if sys.stdin.isatty():
        print("one query a line; schemas: snowplow, linked, events, ops; an empty line ends", file=sys.stderr)
    for line in sys.stdin:
        query = line.strip().rstrip(";")
        if not query:
            return
        yield query


def _answer(cursor: Cursor, query: str, console: Console) -> int:
    try:
        cursor.execute(query)
    except errors.Error as problem:
        print(" ".join(str(problem).split()), file=sys.stderr)
        return 1
    table = Table(*(column.name.lower() for column in cursor.description or ()), box=None, padding=(0, 2, 0, 0))
    for row in cursor.fetchall():
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
