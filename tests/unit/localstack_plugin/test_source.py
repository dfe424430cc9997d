from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from snowveil_localstack.firehose.source import KinesisSource


class Kinesis:
    """A stream's API. An iterator is `shard:position`; a shard in `closed` ends with its last record."""

    def __init__(self, **records: list[bytes]) -> None:
        self.records = records
        self.parents: dict[str, list[str]] = {}
        self.closed: set[str] = set()
        self.started: list[tuple[str, str]] = []
        self.fails = False

    def list_shards(self, **request: Any) -> dict[str, Any]:
        if self.fails:
            raise ConnectionError
        names = sorted(self.records)
        first = int(request.get("NextToken", 0))
        answer: dict[str, Any] = {"Shards": [self._shard(names[first])]}
        if first + 1 < len(names):
            answer["NextToken"] = str(first + 1)
        return answer

    def _shard(self, name: str) -> dict[str, Any]:
        sequence = {"StartingSequenceNumber": "1"} | ({"EndingSequenceNumber": "9"} if name in self.closed else {})
        parents = dict(zip(("ParentShardId", "AdjacentParentShardId"), self.parents.get(name, []), strict=False))
        return {"ShardId": name, "SequenceNumberRange": sequence, **parents}

    def get_shard_iterator(self, *, ShardId: str, ShardIteratorType: str, **_request: Any) -> dict[str, str]:  # noqa: N803 - boto3's names
        self.started.append((ShardId, ShardIteratorType))
        position = len(self.records[ShardId]) if ShardIteratorType == "LATEST" else 0
        return {"ShardIterator": f"{ShardId}:{position}"}

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        name, position = ShardIterator.split(":")
        page = self.records[name][int(position) :][:2]
        end = int(position) + len(page)
        records = [
            {"Data": d, "PartitionKey": "p", "SequenceNumber": "1", "ApproximateArrivalTimestamp": datetime.now(UTC)}
            for d in page
        ]
        answer: dict[str, Any] = {"Records": records}
        if name not in self.closed or end < len(self.records[name]):
            answer["NextShardIterator"] = f"{name}:{end}"
        return answer


def read_all(source: KinesisSource) -> list[bytes]:
    data: list[bytes] = []
    for _ in range(10):
        for shard in source.shards():
            page = source.read(shard)
            data += [record.data for record in page.records]
            source.advance(page)
    return data


def test_a_page_is_read_again_until_it_is_kept() -> None:
    kinesis = Kinesis(a=[b"old"])
    source = KinesisSource(kinesis, "arn")
    kinesis.records["a"] += [b"1", b"2", b"3"]
    for _ in range(2):
        assert [record.data for record in source.read("a").records] == [b"1", b"2"]
    assert read_all(source) == [b"1", b"2", b"3"]


def test_a_child_is_read_from_its_beginning_once_all_parents_are_read() -> None:
    kinesis = Kinesis(a=[], b=[])
    source = KinesisSource(kinesis, "arn")
    kinesis.records |= {"a": [b"1", b"2", b"3"], "b": [], "c": [b"4"]}
    kinesis.parents["c"] = ["a", "b"]
    kinesis.closed = {"a"}
    assert read_all(source) == [b"1", b"2", b"3"]
    kinesis.closed = {"a", "b"}
    assert read_all(source) == [b"4"]
    assert kinesis.started == [("a", "LATEST"), ("b", "LATEST"), ("c", "TRIM_HORIZON")]
    assert source.shards() == ["c"]


def test_shards_closed_before_the_beginning_are_not_read() -> None:
    kinesis = Kinesis(a=[b"old"], b=[b"old"])
    kinesis.parents["b"] = ["a"]
    kinesis.closed = {"a"}
    source = KinesisSource(kinesis, "arn")
    kinesis.records["b"].append(b"new")
    assert read_all(source) == [b"new"]


def test_a_failure_at_the_end_of_a_shard_is_repeated() -> None:
    kinesis = Kinesis(a=[])
    source = KinesisSource(kinesis, "arn")
    kinesis.records |= {"a": [], "b": [b"1"]}
    kinesis.parents["b"] = ["a"]
    kinesis.closed = {"a"}
    kinesis.fails = True
    with pytest.raises(ConnectionError):
        source.advance(source.read("a"))
    kinesis.fails = False
    assert read_all(source) == [b"1"]
