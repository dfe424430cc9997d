"""Requests per second and core of the collector, against servers that do less, measured in the same run.

The floor is the bare protocol library. The least is what no collector on it can undercut: keep, base64, hash, send.

The honest figure on a shared machine is the processor time of the server's processes per request.
Exit code 0: nothing lost. 1: records that were acknowledged are not in the stream.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from tools.bench import collector_run as run

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("bare", "framework", "least", "collector")


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run: µs of processor time a request, requests a second, latencies in ms, resident MB, records lost."""

    cpu: float
    rate: float
    p50: float
    p99: float
    p999: float
    resident: float
    lost: int


def measure(kind: str, workers: int, request: str, seconds: float) -> Figures:
    """Measure one server with one kind of request."""
    with run.kinesis() as kinesis_port, run.server(kind, workers, kinesis_port) as (process, port):
        warm = run.answered(run.load(port, request, 1, 1))
        pids = run.processes(process.pid)
        cpu = run.cpu_seconds(pids)
        results = run.load(port, request, seconds, workers)
        cpu = run.cpu_seconds(pids) - cpu
        resident = run.resident_mb(pids)
        count = run.answered(results)
        lost = 0
        if kind == "collector":
            process.terminate()
            process.wait(60)
            lost = warm + count - run.stored(kinesis_port)
        return Figures(
            cpu=cpu / count * 1e6,
            rate=count / max(result["seconds"] for result in results),
            p50=max(result["p50"] for result in results),
            p99=max(result["p99"] for result in results),
            p999=max(result["p999"] for result in results),
            resident=resident,
            lost=lost,
        )


def show(name: str, runs: Sequence[Figures], floor: float) -> int:
    """Print the medians of a server's runs; return how many records were lost in all of them."""
    middle = {field: median(getattr(each, field) for each in runs) for field in Figures.__slots__}
    lost = sum(each.lost for each in runs)
    print(
        f"{name:28}{middle['cpu']:11.1f}{1e6 / middle['cpu']:12,.0f}{middle['rate']:10,.0f}{middle['p50']:8.2f}"
        f"{middle['p99']:8.2f}{middle['p999']:8.2f}{middle['resident']:7.0f}{lost:6}{floor / middle['cpu']:10.2f}",
        flush=True,
    )
    return lost


def main() -> int:
    """Measure every combination in turn, several rounds, and print medians."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.collector",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: python -m tools.bench.collector --seconds 5 --rounds 3",
    )
    parser.add_argument("--seconds", type=float, default=4, help="of each run (default 4)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median (default 3)")
    parser.add_argument("--only", default="", help="measure less, such as 1,post")
    arguments = parser.parse_args()
    lost = 0
    print(f"{'':28}µs CPU/req  req/s/core     req/s  p50 ms  p99 ms p999 ms     MB  lost  of floor")
    for request, workers in ((request, workers) for request in ("post", "pixel") for workers in (1, 2)):
        if arguments.only and f"{workers},{request}" != arguments.only:
            continue
        runs: dict[str, list[Figures]] = {kind: [] for kind in KINDS}
        for _ in range(arguments.rounds):
            for kind in KINDS:
                runs[kind].append(measure(kind, workers, request, arguments.seconds))
        floor = median(each.cpu for each in runs["bare"])
        lost += sum(show(f"{request}, {workers} workers, {kind}", runs[kind], floor) for kind in KINDS)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
