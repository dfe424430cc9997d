"""Send an hour's worth of requests (at 100 a second) through the collector in six minutes: memory flat, nothing lost.

Prints the resident memory of its processes at each tenth of the way. Exit code 1: records were lost.
"""

from __future__ import annotations

import argparse
import sys

from tools.bench import collector_run as run

_STEPS = 10
_SECONDS = 6  # then all connect anew


def main() -> int:
    """Send the requests in ten steps."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.collector_soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: python -m tools.bench.collector_soak --requests 36000",
    )
    parser.add_argument("--requests", type=int, default=360_000, help="how many (default 360000)")
    parser.add_argument("--rate", type=int, default=1000, help="a second (default 1000)")
    arguments = parser.parse_args()
    sent = 0
    with run.kinesis() as kinesis_port, run.server("collector", 2, kinesis_port) as (process, port):
        for step in range(1, _STEPS + 1):
            while sent < arguments.requests * step // _STEPS:
                sent += run.answered(run.load(port, "post", _SECONDS, 1, arguments.rate))
            pids = run.processes(process.pid)
            print(f"{sent:9,} requests: {run.resident_mb(pids):6.1f} MB in {len(pids)} processes", flush=True)
        process.terminate()
        process.wait(60)
        lost = sent - run.stored(kinesis_port)
    print(f"{lost} lost")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
