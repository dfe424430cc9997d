"""The Kinesis Client Library's daemon with our processes, on LocalStack: its instances come, go and are killed."""

from pathlib import Path

import pytest

from scripts.localstack import LocalStack
from tests.fixtures.enricher_processes import Environment
from tools.faults import fleet

pytestmark = pytest.mark.localstack


@pytest.mark.timeout(600)  # three JVMs start one after the other: a minute alone, four beside other work
def test_instances_join_are_killed_and_follow_the_shards_with_nothing_lost(
    localstack: LocalStack, tmp_path: Path
) -> None:
    environment = Environment(localstack.endpoint, tmp_path, shards=2)
    try:
        killed = fleet.worker_joins_and_one_is_killed(environment)
        assert killed.lost == 0
        # A batch each time a shard moves: by theft, by the kill, by leases of 2 s that a busy machine lets lapse.
        assert killed.duplicates <= 8 * fleet.BATCH_EVENTS
        environment.wait(lambda: len(environment.read("bad")) >= 230)  # written after the good ones
        resharded = fleet.one_leaves_and_shards_change(environment)
        assert resharded.lost == 0
        assert resharded.duplicates <= 4 * fleet.BATCH_EVENTS
    finally:
        environment.end()
