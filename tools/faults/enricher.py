"""Break things around the enricher and count: events in, events out, lost, duplicates, seconds.

Example: python -m tools.faults.enricher; python -m tools.faults.enricher --quick

--quick leaves out what needs LocalStack and Java. Exit code 0: nothing was lost. 1: something was, or a fault could not
be shown; a line says which.
"""

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.localstack import LocalStack, LocalStackError
from tests.fixtures.enricher_processes import Environment
from tools.faults import fleet, in_process
from tools.faults.outcome import Outcome


def main(arguments: list[str] | None = None) -> int:
    """Show every fault; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.faults.enricher", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="only the faults that one process can show")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of the table")
    options = parser.parse_args(arguments)
    logging.disable(logging.ERROR)
    progress, outcomes = Console(stderr=True), list[Outcome]()
    try:
        for each in _all(quick=options.quick):
            progress.print(f"{each.fault}: {each.lost} lost of {each.sent}, {each.seconds:.0f} s", highlight=False)
            outcomes.append(each)
    except (LocalStackError, TimeoutError, ValueError, RuntimeError) as error:
        print(f"faults: {error}", file=sys.stderr)
        return 1
    if options.json:
        for each in outcomes:
            print(json.dumps(asdict(each)))
    else:
        _print(outcomes)
    return 1 if any(each.lost for each in outcomes) else 0


def _all(*, quick: bool) -> Iterator[Outcome]:
    for scenario in in_process.SCENARIOS:
        yield scenario()
    if quick:
        return
    with tempfile.TemporaryDirectory() as name, LocalStack(Path(name) / "localstack") as localstack:
        for shards, scenarios in (
            (1, [fleet.polling_killed]),
            (2, [fleet.worker_joins_and_one_is_killed, fleet.one_leaves_and_shards_change]),
        ):
            environment = Environment(localstack.endpoint, Path(name), shards)
            try:
                for of_processes in scenarios:
                    yield of_processes(environment)
            finally:
                environment.end()


def _print(outcomes: list[Outcome]) -> None:
    table = Table("fault")
    for name in ("in", "out", "lost", "duplicates", "seconds"):
        table.add_column(name, justify="right")
    for each in outcomes:
        counts = (each.sent, each.written, each.lost, each.duplicates)
        table.add_row(each.fault, *map(str, counts), f"{each.seconds:.1f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    sys.exit(main())
