"""Run `make test` several times beside a competing load on every core, and list the tests that failed.

A test that depends on who is faster passes alone and fails here. Each run's output and JUnit files are kept in
build/repeated-tests/<run>/.

Example: python -m tools.repeat_tests --times 5

Exit code 0: every run passed. 1: one did not; the tests that failed are listed with the number of runs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
JUNIT = ROOT / "build/junit"
KEPT = ROOT / "build/repeated-tests"
# The parts of `make test` that come after a failed one are run all the same.
COMMAND = ["make", "--keep-going", "test"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: its exit code, how long it took, and the tests that failed (or could not begin)."""

    number: int
    code: int
    seconds: float
    failed: list[str]


@contextlib.contextmanager
def load(processes: int) -> Iterator[None]:
    """Keep as many cores busy as there are `processes`."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def failures(directory: Path) -> list[str]:
    """Return the tests that failed or had an error, by the JUnit files of a directory."""
    return sorted(
        {
            f"{case.get('classname', '').replace('.', '/')}::{case.get('name', '')}"
            for file in directory.glob("*.xml")
            for case in ET.parse(file).iter("testcase")  # noqa: S314 - pytest wrote it a moment ago
            if case.find("failure") is not None or case.find("error") is not None
        }
    )


def run_once(number: int, command: list[str]) -> Run:
    """Run the command once and keep what it wrote."""
    kept = KEPT / str(number)
    shutil.rmtree(kept, ignore_errors=True)
    shutil.rmtree(JUNIT, ignore_errors=True)
    kept.mkdir(parents=True)
    started = time.monotonic()
    with (
        (kept / "output.log").open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, process_group=0) as process,
    ):
        try:
            code = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)  # make's own children too
            raise
    seconds = time.monotonic() - started
    if JUNIT.is_dir():
        shutil.copytree(JUNIT, kept, dirs_exist_ok=True)
    return Run(number, code, round(seconds, 1), failures(kept))


def _print_run(run: Run) -> None:
    if run.code == 0:
        print(f"run {run.number}: passed in {run.seconds:.0f} s", flush=True)
        return
    print(f"run {run.number}: failed in {run.seconds:.0f} s, {KEPT.relative_to(ROOT)}/{run.number}", flush=True)
    for test in run.failed or ["no test: see output.log"]:
        print(f"  {test}", flush=True)


def _print_totals(runs: list[Run]) -> None:
    passed = sum(run.code == 0 for run in runs)
    print(f"{passed} of {len(runs)} runs passed")
    for test, count in Counter(test for run in runs for test in run.failed).most_common():
        print(f"{count} of {len(runs)}  {test}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.repeat_tests", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5, help="how often (default: %(default)s)")
    parser.add_argument(
        "--load", type=int, default=os.cpu_count() or 1, help="busy processes beside the tests (default: one a core)"
    )
    parser.add_argument("--json", action="store_true", help="print the runs as JSON at the end, and nothing before")
    parser.add_argument("command", nargs="*", default=COMMAND, help=f"what to run (default: {' '.join(COMMAND)})")
    options = parser.parse_args(arguments)
    runs = []
    with load(options.load):
        for number in range(1, options.times + 1):
            runs.append(run_once(number, options.command))
            if not options.json:
                _print_run(runs[-1])
    if options.json:
        print(json.dumps([asdict(run) for run in runs], indent=2))
    else:
        _print_totals(runs)
    return 0 if all(run.code == 0 for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
