"""An enricher lost in the middle of its work: SIGKILL, a new one, and every event is there."""

import pytest

from scripts.rehearsal import streams
from scripts.rehearsal.canaries import Canaries
from scripts.rehearsal.ledger import Ledger
from scripts.rehearsal.traffic import python_tracker
from tests.integration.pipeline.conftest import Rehearsal
from wire.columns import COLUMNS, INDEX

pytestmark = [pytest.mark.localstack, pytest.mark.timeout(900)]
VISITS = 500


def event_ids(rehearsal: Rehearsal) -> list[str]:
    """Return the event id of every readable record on enriched-good, repeats included."""
    machine = rehearsal.machine
    records = streams.records(machine.client("kinesis"), machine.outputs["streams"]["enriched-good"])
    lines = (record.split(b"\t") for record in records)
    return [cells[INDEX["event_id"]].decode() for cells in lines if len(cells) == len(COLUMNS)]


def wait_for_more(rehearsal: Rehearsal, seen: int) -> int:
    """Return how many records there are once there are more than `seen`; the enricher must be alive meanwhile."""
    enricher = rehearsal.machine.instances["enricher"]
    while (now := len(event_ids(rehearsal))) <= seen:
        assert enricher.process is not None
        assert enricher.process.poll() is None, enricher.journal.read_text()
    return now


def test_a_killed_enricher_loses_no_event(rehearsal: Rehearsal) -> None:
    machine, enricher = rehearsal.machine, rehearsal.machine.instances["enricher"]
    before = event_ids(rehearsal)
    ledger = Ledger()
    enricher.kill()
    host, port = machine.collector
    python_tracker.send(host, port, Canaries(), ledger, VISITS)
    expected = ledger.expected["output"]
    kills, seen = 0, len(before)
    enricher.start()
    while kills < 3 and seen - len(before) < expected:
        seen = wait_for_more(rehearsal, seen)
        enricher.kill()  # some records are written, their checkpoint may not be
        kills += 1
        enricher.start()
    while len(set(event_ids(rehearsal)) - set(before)) < expected:
        seen = wait_for_more(rehearsal, seen)
    arrived = event_ids(rehearsal)
    duplicates = len(arrived) - len(before) - expected
    print(f"{expected} events, {kills} kills in mid-work, 0 lost, {duplicates} duplicates")
    assert kills > 0
    assert len(set(arrived) - set(before)) == expected
