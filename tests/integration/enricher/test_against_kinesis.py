"""The program against Kinesis and DynamoDB: killed, resharded, stopped; every event comes out."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from scripts.localstack import LocalStack
from services.enricher.leases import SHARD_END
from tests.fixtures.enricher import cells, post
from wire.collector_payload import encode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kinesis import KinesisClient

pytestmark = pytest.mark.localstack
ROOT = Path(__file__).parents[3]
REGION = "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class Environment:
    """Three streams and a lease table of this test's own, and the enricher's processes."""

    def __init__(self, endpoint: str, directory: Path) -> None:
        self.endpoint = endpoint
        self.prefix = f"t{uuid.uuid4().hex[:8]}"
        session = boto3.Session("test", "test", region_name=REGION)
        self.kinesis: KinesisClient = session.client("kinesis", endpoint_url=endpoint)
        self.dynamodb: DynamoDBClient = session.client("dynamodb", endpoint_url=endpoint)
        for name in ("raw", "good", "bad"):
            self.kinesis.create_stream(StreamName=f"{self.prefix}-{name}", ShardCount=1)
            self.kinesis.get_waiter("stream_exists").wait(
                StreamName=f"{self.prefix}-{name}", WaiterConfig={"Delay": 1, "MaxAttempts": 20}
            )
        self.dynamodb.create_table(
            TableName=self.prefix,
            KeySchema=[{"AttributeName": "leaseKey", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "leaseKey", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.config = directory / "enricher.json"
        self.config.write_text(json.dumps(self._settings()))
        self.log = directory / "enricher.log"
        self.processes: list[subprocess.Popen[bytes]] = []

    def _settings(self) -> object:
        polling = {"type": "Polling", "maxRecords": 50, "idleTimeBetweenReads": "50 milliseconds"}
        good = {"streamName": f"{self.prefix}-good", "region": REGION, "maxRecordSize": 1_000_000}
        return {
            "input": {
                "streamName": f"{self.prefix}-raw",
                "region": REGION,
                "appName": self.prefix,
                "initialPosition": {"type": "TRIM_HORIZON"},
                "retrievalMode": polling,
            },
            "output": {"good": good, "bad": {"streamName": f"{self.prefix}-bad", "region": REGION}},
            "iglu": {"registry": "schemas"},
        }

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "services.enricher", "--config", str(self.config)],
                cwd=ROOT,
                env={**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": self.endpoint},
                stderr=log,
            )
        self.processes.append(process)
        return process

    def send(self, count: int) -> list[str]:
        """Put requests of two events each and one broken record per ten requests; return the events' ids."""
        ids = [str(uuid.uuid4()) for _ in range(2 * count)]
        requests = [
            encode(post({"eid": first}, {"eid": second})) for first, second in zip(ids[::2], ids[1::2], strict=True)
        ]
        requests += [b"nonsense"] * (count // 10)
        for start in range(0, len(requests), 400):
            answer = self.kinesis.put_records(
                StreamName=f"{self.prefix}-raw",
                Records=[{"Data": each, "PartitionKey": uuid.uuid4().hex} for each in requests[start : start + 400]],
            )
            assert answer["FailedRecordCount"] == 0
        return ids

    def read(self, name: str) -> list[bytes]:
        stream, found = f"{self.prefix}-{name}", []
        for shard in self.kinesis.list_shards(StreamName=stream)["Shards"]:
            iterator: str | None = self.kinesis.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while iterator:
                answer = self.kinesis.get_records(ShardIterator=iterator, Limit=10_000)
                found += [record["Data"] for record in answer["Records"]]
                iterator = answer.get("NextShardIterator") if answer["Records"] else None
        return found

    def good(self) -> Counter[str]:
        """Return how often each event was written."""
        return Counter(cells(line)["event_id"] for line in self.read("good"))

    def checkpoints(self) -> dict[str, str]:
        items = self.dynamodb.scan(TableName=self.prefix)["Items"]
        return {item["leaseKey"]["S"]: item["checkpoint"]["S"] for item in items}

    def wait(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)


@pytest.fixture
def environment(localstack: LocalStack, tmp_path: Path) -> Iterator[Environment]:
    made = Environment(localstack.endpoint, tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()


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
    assert process.wait(20) == 0
    environment.start()
    environment.wait(lambda: ids <= set(environment.good()))
    assert set(environment.good().values()) == {1}


def test_it_follows_a_split_and_a_merge(environment: Environment) -> None:
    raw = f"{environment.prefix}-raw"
    ids = set(environment.send(150))
    environment.start()
    environment.wait(lambda: len(environment.good()) > 20)
    (parent,) = environment.kinesis.list_shards(StreamName=raw)["Shards"]
    environment.kinesis.split_shard(StreamName=raw, ShardToSplit=parent["ShardId"], NewStartingHashKey=str(2**127))
    environment.kinesis.get_waiter("stream_exists").wait(StreamName=raw, WaiterConfig={"Delay": 1})
    ids |= set(environment.send(150))
    left, right = [
        shard["ShardId"]
        for shard in environment.kinesis.list_shards(StreamName=raw)["Shards"]
        if shard.get("ParentShardId")
    ]
    environment.wait(lambda: environment.checkpoints().get(parent["ShardId"]) == SHARD_END)
    environment.kinesis.merge_shards(StreamName=raw, ShardToMerge=left, AdjacentShardToMerge=right)
    environment.kinesis.get_waiter("stream_exists").wait(StreamName=raw, WaiterConfig={"Delay": 1})
    ids |= set(environment.send(150))
    environment.wait(lambda: ids <= set(environment.good()))
    environment.wait(lambda: [environment.checkpoints().get(shard) for shard in (left, right)] == [SHARD_END] * 2)
    assert set(environment.good()) == ids
