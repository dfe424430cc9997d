"""An enricher lost in the middle of its work: SIGKILL, a new one, and every event is there."""

from collections.abc import Callable

import pytest

from scripts.rehearsal import streams
from scripts.rehearsal.canaries import Canaries
from scripts.rehearsal.ledger import Ledger
from scripts.rehearsal.traffic import python_tracker
from tests.integration.pipeline.conftest import Rehearsal
from wire.columns import INDEX

pytestmark = pytest.mark.localstack
VISITS = 200


def enriched(rehearsal: Rehearsal) -> list[bytes]:
    machine = rehearsal.machine
    return list(streams.records(machine.client("kinesis"), machine.outputs["streams"]["enriched-good"]))


def test_a_killed_enricher_loses_no_event(rehearsal: Rehearsal, record_property: Callable[[str, object], None]) -> None:
    machine, enricher = rehearsal.machine, rehearsal.machine.instances["enricher"]
    before = len(enriched(rehearsal))
    host, port = machine.collector
    ledger = Ledger()
    enricher.kill()
    python_tracker.send(host, port, Canaries(), ledger, VISITS)
    kills = 0
    enricher.start()
    while kills < 3 and len(enriched(rehearsal)) - before < ledger.expected["output"]:
        seen = len(enriched(rehearsal))
        while len(enriched(rehearsal)) == seen:
            assert enricher.process is not None
            assert enricher.process.poll() is None, enricher.journal.read_text()
        enricher.kill()  # some records are written, their checkpoint may not be
        kills += 1
        enricher.start()
    while len(identifiers(enriched(rehearsal)[before:])) < ledger.expected["output"]:
        assert enricher.process is not None
        assert enricher.process.poll() is None, enricher.journal.read_text()
    duplicates = len(enriched(rehearsal)) - before - ledger.expected["output"]
    record_property("kills", kills)
    record_property("duplicates", duplicates)
    print(f"{ledger.expected['output']} events, {kills} kills, 0 lost, {duplicates} duplicates")
    assert kills > 0
    assert len(identifiers(enriched(rehearsal)[before:])) == ledger.expected["output"]


def identifiers(records: list[bytes]) -> set[str]:
    return {record.decode().split("\t")[INDEX["event_id"]] for record in records}
