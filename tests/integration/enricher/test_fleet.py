"""The Kinesis Client Library's daemon with our processes, on LocalStack: its instances come, go and are killed."""

from pathlib import Path

import pytest

from scripts.faults import fleet
from scripts.localstack import LocalStack
from tests.fixtures.enricher_processes import Environment

pytestmark = pytest.mark.localstack


def test_instances_join_are_killed_and_follow_the_shards_with_nothing_lost(
    localstack: LocalStack, tmp_path: Path
) -> None:
    environment = Environment(localstack.endpoint, tmp_path, shards=2)
    try:
        killed = fleet.worker_joins_and_one_is_killed(environment)
        assert killed.lost == 0
        assert killed.duplicates <= 2 * 2 * fleet.BATCH_EVENTS, "more than one batch a shard, at the theft and the kill"
        assert len(environment.read("bad")) >= 230
        resharded = fleet.resharded_and_stopped(environment)
        assert (resharded.lost, resharded.duplicates) == (0, 0)
    finally:
        environment.end()
