"""Compare a service with its wire contract: run the tests of every row and print the rows with what came out.

`tests/contract/<service>/contract.yaml` lists the rows: section, then a short key, then what is promised (`is`) and
what we do (`does`): `same`, `safer` by default (`option` names the setting that brings the old behaviour back) or
`left out`. `reason` says why it is left out, or explains another row. A test names the rows that it shows:
`@pytest.mark.contract("B.1/options")`.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ("collector", "enricher")
OK, FAILED, NO_TEST, LEFT_OUT = "ok", "FAILED", "NO TEST", "left out"
_COLOURS = {OK: "green", FAILED: "bold red", NO_TEST: "bold yellow", LEFT_OUT: "dim"}
_EXAMPLE = """\
example:
  python -m tools.conformance collector
  python -m tools.conformance enricher --json > conformance.json

exit codes: 0 every row is ok or left out with its reason, 1 a row failed or has no test, 2 wrong arguments or contract
"""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"promise": "is"}):
    """One row of a contract file."""

    promise: str
    does: Literal["same", "safer", "left out"] = "same"
    option: str | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError when a difference is not explained."""
        if (self.does == "safer") is not (self.option is not None):
            raise ValueError("a row that is safer, and no other, names its `option`")
        if self.does == "left out" and self.reason is None:
            raise ValueError("a row that is left out says its `reason`")


@dataclass
class Result:
    """A row and the tests that name it; `tests` are node ids, `failed` those of them that did not pass."""

    row: str
    promise: str
    does: str
    note: str
    tests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """Say what came out."""
        if self.failed:
            return FAILED
        if self.tests:
            return OK
        return LEFT_OUT if self.does == "left out" else NO_TEST


def contract(service: str) -> dict[str, Row]:
    """Read a service's rows, by `section/key`. Raises msgspec.ValidationError."""
    text = (ROOT / f"tests/contract/{service}/contract.yaml").read_bytes()
    sections = msgspec.yaml.decode(text, type=dict[str, dict[str, Row]])
    return {f"{section}/{key}": row for section, rows in sections.items() for key, row in rows.items()}


class Recorder:
    """A pytest plugin that notes which rows each test shows, and whether it passed."""

    def __init__(self, results: dict[str, Result]) -> None:
        self._results = results
        self._rows: dict[str, list[str]] = {}
        self.unknown: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note the rows of each test."""
        for item in items:
            self._rows[item.nodeid] = list(_rows_of(item))
            self.unknown.update(row for row in self._rows[item.nodeid] if row not in self._results)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note an outcome; a test that is skipped shows nothing, and an error before or after it is a failure."""
        for row in self._rows[report.nodeid]:
            if row not in self._results:
                continue
            result = self._results[row]
            if report.failed and report.nodeid not in result.failed:
                result.failed.append(report.nodeid)
            if report.when == "call" and not report.skipped:
                result.tests.append(report.nodeid)


def _rows_of(item: pytest.Item) -> Iterator[str]:
    for marker in item.iter_markers("contract"):
        yield from marker.args


def run(service: str) -> tuple[list[Result], set[str], int]:
    """Run the tests; return a result per row, the rows that tests name and nobody lists, and pytest's exit code."""
    results = {
        name: Result(name, row.promise, row.does, ", ".join(filter(None, (row.option, row.reason))))
        for name, row in contract(service).items()
    }
    recorder = Recorder(results)
    folders = [f"tests/{kind}/{service}" for kind in ("contract", "unit")]
    # The report of failures goes to stderr: stdout is the table's.
    stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        code = pytest.main(["-q", "-m", "contract", "--rootdir", str(ROOT), *folders], plugins=[recorder])
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)
    return list(results.values()), recorder.unknown, int(code)


def _print_table(service: str, results: list[Result]) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    table = Table(title=f"The {service} against its contract", title_justify="left")
    for column in ("row", "contract", "here", "tests", "result"):
        table.add_column(column, justify="right" if column == "tests" else "left", no_wrap=column in ("row", "result"))
    for result in results:
        here = f"{result.does}: {result.note}" if result.note else result.does
        outcome = f"[{_COLOURS[result.outcome]}]{result.outcome}[/]"
        cells = (result.row, result.promise, here)
        table.add_row(*(cell.replace("[", r"\[") for cell in cells), str(len(result.tests)), outcome)
    console.print(table)
    counts = Counter(result.outcome for result in results)
    print(f"{len(results)} rows: " + ", ".join(f"{counts[name]} {name}" for name in _COLOURS if counts[name]))


def main() -> int:
    """Print the table. Exit code 0 when every row is ok."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.conformance",
        description=__doc__,
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    arguments = parser.parse_args()
    try:
        results, unknown, code = run(arguments.service)
    except (OSError, msgspec.MsgspecError) as error:
        print(f"tests/contract/{arguments.service}/contract.yaml: {error}: correct it", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps([{**asdict(result), "outcome": result.outcome} for result in results], indent=1))
    else:
        _print_table(arguments.service, results)
    for row in sorted(unknown):
        print(f"a test names {row}, which contract.yaml does not list", file=sys.stderr)
    is_whole = all(result.outcome in (OK, LEFT_OUT) for result in results)
    return 0 if is_whole and not unknown and code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
