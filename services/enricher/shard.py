"""One shard of the fleet: the child process of the Kinesis Client Library's daemon.

Standard input and output are the daemon's protocol; everything said goes to standard error. Exit codes: 0 the daemon
closed its end; anything else ends the daemon too, so that no later checkpoint passes over what failed.
"""

import argparse
import os
import select
import signal
import sys
from pathlib import Path
from threading import Thread

from prometheus_client.multiprocess import mark_process_dead

from services.enricher import config, program
from services.enricher.kinesis.kcl import KclSource


def main(arguments: list[str] | None = None) -> int:
    """Process one shard; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m services.enricher.shard", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="configuration, JSON")
    file = parser.parse_args(arguments).config
    # systemd signals the whole group: the daemon asks its children to end when what they hold is done.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not become an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Thread(target=_end_with_the_daemon, args=(answers.fileno(),), daemon=True).start()

    def run() -> int:
        program.process(config.load(file), KclSource(sys.stdin.buffer, answers))
        return 0

    try:
        return program.guarded(file, run)
    finally:
        mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]  # its own gap


def _end_with_the_daemon(answers: int) -> None:
    """End as a lost machine does when nobody reads the answers: an outage of an output would keep this process."""
    reader = select.poll()
    reader.register(answers, 0)
    reader.poll()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
