"""The steps of a rehearsal once the environment runs: send, wait for the last record, search."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from scripts.rehearsal import search
from scripts.rehearsal.errors import RehearsalError
from scripts.rehearsal.ledger import DESTINATIONS
from scripts.rehearsal.traffic import broken, corrupt, every_field, python_tracker, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripts.rehearsal.canaries import Canaries, Hit
    from scripts.rehearsal.environment import OneMachine
    from scripts.rehearsal.ledger import Destination, Ledger

DELIVERY_SECONDS = 240.0
POLL_SECONDS = 1.0


def send(machine: OneMachine, canaries: Canaries, ledger: Ledger, rounds: int, say: Callable[[str], None]) -> None:
    """Send everything; `rounds` are the Python tracker's visits of four events."""
    host, port = machine.collector
    steps: dict[str, Callable[[], None]] = {
        "Python tracker": lambda: python_tracker.send(host, port, canaries, ledger, rounds),
        "recorded requests": lambda: recorded.send(host, port, canaries, ledger),
        "every field": lambda: every_field.send(host, port, canaries, ledger, events=10),
        "broken events": lambda: broken.send(host, port, canaries, ledger),
        "oversized requests": lambda: broken.send_oversized(host, port, canaries, ledger),
        "corrupt records": lambda: corrupt.send(
            machine.client("kinesis"), machine.outputs["streams"], canaries, ledger
        ),
    }
    for text, step in steps.items():
        say(text)
        step()
    refused = {status: count for status, count in ledger.answers.items() if status != 200}
    if refused:
        raise RehearsalError(f"the collector refused requests: {refused} (status: count)")


def wait_until_delivered(machine: OneMachine, ledger: Ledger, say: Callable[[str], None]) -> dict[Destination, int]:
    """Wait until every destination has at least what was sent to it; return what is there. Raises RehearsalError."""
    deadline = time.monotonic() + DELIVERY_SECONDS
    while True:
        counts = machine.lake.counts()
        say(", ".join(f"{name} {counts[name]}/{ledger.expected[name]}" for name in DESTINATIONS))
        if all(counts[name] >= ledger.expected[name] for name in DESTINATIONS):
            return counts
        if time.monotonic() > deadline:
            missing = {name: ledger.expected[name] - counts[name] for name in DESTINATIONS}
            raise RehearsalError(
                f"after {DELIVERY_SECONDS:.0f} s records are missing: {missing}; see {machine.stack.state_dir}"
            )
        time.sleep(POLL_SECONDS)


def find_canaries(machine: OneMachine, canaries: Canaries) -> tuple[list[Hit], int]:
    """Search everything readable; return the hits and the number of places searched.

    Raises RehearsalError when it finds nothing in the quarantine, which holds originals: then the search does not work.
    """
    quarantined, _ = search.hits(canaries, search.restricted_objects(machine.lake))
    if not quarantined:
        raise RehearsalError("no canary was found in the quarantine, where originals are: the search does not work")
    return search.hits(canaries, _readable(machine))


def _readable(machine: OneMachine) -> Iterator[tuple[str, bytes]]:
    return itertools.chain(
        search.objects(machine.lake),
        search.log_events(machine.client("logs")),
        search.metrics(machine.client("cloudwatch")),
        search.tables(machine.client("dynamodb")),
        search.files(machine.journals()),
        machine.warehouse.contents(),
    )
