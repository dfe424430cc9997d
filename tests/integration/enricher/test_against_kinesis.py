"""The program against Kinesis and DynamoDB: killed, resharded, stopped; every event comes out."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.localstack import LocalStack
from services.enricher.kinesis.leases import SHARD_END
from tests.fixtures.enricher_processes import Environment

pytestmark = pytest.mark.localstack


@pytest.fixture
def environment(localstack: LocalStack, tmp_path: Path) -> Iterator[Environment]:
    made = Environment(localstack.endpoint, tmp_path)
    yield made
    made.end()


def test_killed_in_the_middle_it_loses_nothing(environment: Environment) -> None:
    ids = set(environment.send(1_000))
    process = environment.start()
    environment.wait(lambda: len(environment.good()) > 200)
    process.kill()
    process.wait()
    before = environment.good()
    assert len(before) < len(ids), "it was done before it was killed"
    environment.start()
    environment.wait(lambda: ids <= set(environment.good()))
    environment.wait(lambda: len(environment.read("bad")) >= 100)
    after = environment.good()
    assert set(after) == ids
    repeated = sum(after.values()) - len(ids)
    assert repeated <= 2 * 50 + 1, "more than the batch in flight was read again"


def test_stopped_and_started_it_repeats_nothing(environment: Environment) -> None:
    ids = set(environment.send(400))
    process = environment.start()
    environment.wait(lambda: len(environment.good()) > 50)
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 0
    environment.start()
    environment.wait(lambda: ids <= set(environment.good()))
    assert set(environment.good().values()) == {1}


def test_it_follows_a_split_and_a_merge(environment: Environment) -> None:
    raw = f"{environment.prefix}-raw"
    ids = set(environment.send(150))
    environment.start()
    environment.wait(lambda: len(environment.good()) > 20)
    (parent,) = environment.kinesis.list_shards(StreamName=raw)["Shards"]
    environment.reshard(
        lambda: environment.kinesis.split_shard(
            StreamName=raw, ShardToSplit=parent["ShardId"], NewStartingHashKey=str(2**127)
        )
    )
    ids |= set(environment.send(150))
    left, right = [
        shard["ShardId"]
        for shard in environment.kinesis.list_shards(StreamName=raw)["Shards"]
        if shard.get("ParentShardId")
    ]
    environment.wait(lambda: environment.leases("checkpoint").get(parent["ShardId"]) == SHARD_END)
    environment.reshard(
        lambda: environment.kinesis.merge_shards(StreamName=raw, ShardToMerge=left, AdjacentShardToMerge=right)
    )
    ids |= set(environment.send(150))
    environment.wait(lambda: ids <= set(environment.good()))
    environment.wait(
        lambda: [environment.leases("checkpoint").get(shard) for shard in (left, right)] == [SHARD_END] * 2
    )
    assert set(environment.good()) == ids
