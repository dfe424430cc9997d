"""Send an hour's worth of requests through the collector at full speed: memory stays flat, everything is stored.

Prints the resident memory of its processes at each tenth of the way. Exit code 1: records were lost.
"""

from __future__ import annotations

import argparse
import sys

from scripts.bench import collector_run as run

_STEPS = 10


def main() -> int:
    """Send the requests in ten steps."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench.collector_soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: python -m scripts.bench.collector_soak --rate 100",
    )
    parser.add_argument("--rate", type=int, default=100, help="requests a second of the hour that is pressed together")
    arguments = parser.parse_args()
    hour = 3600 * arguments.rate
    sent = 0
    with run.kinesis() as kinesis_port, run.server("collector", 2, kinesis_port) as (process, port):
        for step in range(1, _STEPS + 1):
            while sent < hour * step // _STEPS:
                sent += run.answered(run.load(port, "post", 2, 1))
            pids = run.processes(process.pid)
            print(f"{sent:9,} requests: {run.resident_mb(pids):6.1f} MB in {len(pids)} processes", flush=True)
        process.terminate()
        process.wait(60)
        lost = sent - run.stored(kinesis_port)
    print(f"{lost} lost")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
