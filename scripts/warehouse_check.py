"""Compare a warehouse with the lake and with CloudWatch, and ask its quality tests.

Examples:
  python -m scripts.warehouse_check --env dev
  python -m scripts.warehouse_check --env dev --hours 48 --count-lines --json

AWS by the usual variables; a `--embedded` warehouse is asked without the lake unless --bucket names one.

Exit code 0: in order. 3: a test of severity P0 or P1 failed; its line says which. 1: it could not be asked.

"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from scripts.snowflake_warehouse import account, reconciliation, verdict
from scripts.warehouse import add_target, target

if TYPE_CHECKING:
    from scripts.snowflake_warehouse.migrations import Cursor
    from scripts.snowflake_warehouse.verdict import Verdict


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.warehouse_check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_target(parser)
    parser.add_argument("--hours", type=int, default=24, help="how far back the lake is listed (default: 24)")
    parser.add_argument("--bucket", help="the lake's bucket (default with --env: that of its lake_url)")
    parser.add_argument(
        "--count-lines", action="store_true", help="read each object and count its lines: names what was shortened"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(arguments)
    try:
        connection, values, _ = target(options)
        bucket = options.bucket or (values["lake_url"].removeprefix("s3://") if options.env else None)
        with connection as cursor:
            if bucket:
                _look_at_lake(cursor, bucket, options)
            found = verdict.ask(cursor)
    except (account.WarehouseError, BotoCoreError, ClientError) as problem:
        print(f"warehouse-check: {problem}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(found.as_dict(), indent=2))
    else:
        show(found, Console())
    return 0 if found.in_order else 3


def _look_at_lake(cursor: Cursor, bucket: str, options: argparse.Namespace) -> None:
    since = dt.datetime.now(dt.UTC) - dt.timedelta(hours=options.hours)
    seen = reconciliation.lake_objects(boto3.client("s3"), bucket, since, count_lines=options.count_lines)
    reconciliation.write_lake_objects(cursor, seen, lambda text: print(text, file=sys.stderr))


def show(found: Verdict, console: Console) -> None:
    """Print the verdict as tables."""
    table = Table("test", "measured", "at most", "severity", "", box=None, padding=(0, 2, 0, 0))
    for test in found.tests:
        mark = "[red]out of order[/]" if test.failed else "[green]ok[/]"
        table.add_row(test.name, f"{test.measured:g}", f"{test.threshold:g}", test.severity, mark)
    console.print(table)
    for name, last in found.last_load.items():
        console.print(f"{name}: last load {last or 'never'}")
    for key, what in found.doubtful:
        console.print(f"[red]{what}[/] {key}")


if __name__ == "__main__":
    sys.exit(main())
