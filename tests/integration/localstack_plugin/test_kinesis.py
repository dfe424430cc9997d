"""Kinesis under racing writers and through reshards."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

pytestmark = pytest.mark.localstack

WRITERS = 4
CALLS_PER_WRITER = 10
RECORDS_PER_CALL = 500


def read_shard(aws: Any, stream: str, shard_id: str) -> tuple[list[tuple[str, bytes]], list[str]]:
    """All records of a shard as (sequence number, data), and its children once it is read to its end."""
    iterator = aws.kinesis.get_shard_iterator(StreamName=stream, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    position = iterator["ShardIterator"]
    records = []
    while True:
        page = aws.kinesis.get_records(ShardIterator=position)
        records += [(record["SequenceNumber"], record["Data"]) for record in page["Records"]]
        if "NextShardIterator" not in page:
            return records, [child["ShardId"] for child in page["ChildShards"]]
        if not page["Records"]:
            return records, []
        position = page["NextShardIterator"]


def test_racing_writers_lose_nothing(aws: Any) -> None:
    stream, _ = aws.create_stream(shards=2)
    sent = [
        [f"{writer}-{number}" for number in range(CALLS_PER_WRITER * RECORDS_PER_CALL)] for writer in range(WRITERS)
    ]
    acknowledged: list[tuple[str, str]] = []
    start = threading.Barrier(WRITERS)

    def write(values: list[str]) -> None:
        client = aws.new_kinesis_client()
        start.wait()
        for first in range(0, len(values), RECORDS_PER_CALL):
            batch: list[PutRecordsRequestEntryTypeDef] = [
                {"Data": value.encode(), "PartitionKey": value} for value in values[first : first + RECORDS_PER_CALL]
            ]
            answer = client.put_records(StreamName=stream, Records=batch)
            acknowledged.extend((record["ShardId"], record["SequenceNumber"]) for record in answer["Records"])

    threads = [threading.Thread(target=write, args=(values,)) for values in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    shards = [shard["ShardId"] for shard in aws.kinesis.list_shards(StreamName=stream)["Shards"]]
    read = {shard: read_shard(aws, stream, shard)[0] for shard in shards}
    expected = Counter(value.encode() for values in sent for value in values)
    assert expected.total() == 20_000
    assert Counter(data for records in read.values() for _, data in records) == expected
    for records in read.values():
        numbers = [int(number) for number, _ in records]
        assert numbers == sorted(set(numbers))
    assert sorted(acknowledged) == sorted((shard, number) for shard in shards for number, _ in read[shard])


def test_a_split_and_a_merge_keep_every_record_readable_in_order(aws: Any) -> None:
    stream, _ = aws.create_stream()

    def put(value: str) -> str:
        answer = aws.kinesis.put_record(StreamName=stream, Data=value.encode(), PartitionKey=uuid.uuid4().hex)
        return str(answer["ShardId"])

    before = [put(f"before-{number}") for number in range(20)]
    parent = before[0]
    aws.kinesis.split_shard(StreamName=stream, ShardToSplit=parent, NewStartingHashKey=str(2**127))
    records, children = read_shard(aws, stream, parent)
    assert [data for _, data in records] == [f"before-{number}".encode() for number in range(20)]
    assert len(children) == 2

    between = {put(f"between-{number}") for number in range(40)}
    assert between == set(children)

    aws.kinesis.merge_shards(StreamName=stream, ShardToMerge=children[0], AdjacentShardToMerge=children[1])
    [merged] = {put(f"after-{number}") for number in range(20)}
    data, numbers = [], []
    for shard in [parent, *children, merged]:
        records, following = read_shard(aws, stream, shard)
        data += [value for _, value in records]
        numbers += [int(number) for number, _ in records]
        assert following == ([merged] if shard in children else children if shard == parent else [])
    assert sorted(data) == sorted(
        f"{when}-{number}".encode()
        for when, count in (("before", 20), ("between", 40), ("after", 20))
        for number in range(count)
    )
    assert max(numbers[:20]) < min(numbers[20:])
    assert max(numbers[:60]) < min(numbers[60:])
    with pytest.raises(aws.kinesis.exceptions.InvalidArgumentException):
        aws.kinesis.split_shard(StreamName=stream, ShardToSplit=parent, NewStartingHashKey=str(2**126))


def test_an_iterator_starts_at_the_given_position(aws: Any) -> None:
    stream, arn = aws.create_stream()
    put = [aws.kinesis.put_record(StreamName=stream, Data=b"%d" % n, PartitionKey="p") for n in range(3)]
    shard = put[0]["ShardId"]

    def read(kind: str, **position: str) -> list[bytes]:
        iterator = aws.kinesis.get_shard_iterator(StreamARN=arn, ShardId=shard, ShardIteratorType=kind, **position)
        return [
            record["Data"] for record in aws.kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
        ]

    second = put[1]["SequenceNumber"]
    assert read("TRIM_HORIZON") == [b"0", b"1", b"2"]
    assert read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=second) == [b"1", b"2"]
    assert read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=second) == [b"2"]
    assert read("LATEST") == []


def test_shards_are_listed_by_filter_and_page(aws: Any) -> None:
    stream, arn = aws.create_stream(shards=3)
    first = "shardId-000000000000"
    aws.kinesis.split_shard(StreamName=stream, ShardToSplit=first, NewStartingHashKey="12345")

    def ids(**request: Any) -> list[str]:
        pages = aws.kinesis.get_paginator("list_shards").paginate(StreamARN=arn, **request)
        return [shard["ShardId"][-1] for page in pages for shard in page["Shards"]]

    assert ids() == ids(PaginationConfig={"PageSize": 2}) == ["0", "1", "2", "3", "4"]
    latest = {"Type": "AT_LATEST"}
    assert ids(ShardFilter=latest) == ids(ShardFilter=latest, PaginationConfig={"PageSize": 1}) == ["1", "2", "3", "4"]
    assert ids(ShardFilter={"Type": "AT_TRIM_HORIZON"}) == ["0", "1", "2"]
    created = aws.kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    since = {"Type": "FROM_TIMESTAMP", "Timestamp": created["StreamCreationTimestamp"]}
    assert ids(ShardFilter=since, PaginationConfig={"PageSize": 3}) == ["0", "1", "2", "3", "4"]
    assert ids(ExclusiveStartShardId=first) == ["1", "2", "3", "4"]
    described = aws.kinesis.describe_stream(StreamName=stream, Limit=2, ExclusiveStartShardId=first)
    assert [shard["ShardId"][-1] for shard in described["StreamDescription"]["Shards"]] == ["1", "2"]
    assert described["StreamDescription"]["HasMoreShards"]
    with pytest.raises(aws.kinesis.exceptions.ResourceNotFoundException):
        aws.kinesis.list_shards(StreamName=f"{stream}-not-there")
    with pytest.raises(aws.kinesis.exceptions.InvalidArgumentException):
        aws.kinesis.list_shards(NextToken="no token")


def test_all_streams_are_listed_page_by_page(aws: Any) -> None:
    created = {aws.create_stream()[0] for _ in range(3)}
    pages = list(aws.kinesis.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 2}))
    names = [name for page in pages for name in page["StreamNames"]]
    assert created <= set(names)
    assert names == sorted(set(names))
    assert len(pages) > 1


def test_a_parameter_that_would_be_ignored_is_refused(aws: Any) -> None:
    stream, arn = aws.create_stream()
    with pytest.raises(aws.kinesis.exceptions.InvalidArgumentException, match="MaxResults of ListStreamConsumers"):
        aws.kinesis.list_stream_consumers(StreamARN=arn, MaxResults=1)
    assert aws.kinesis.list_stream_consumers(StreamARN=arn)["Consumers"] == []
    aws.kinesis.update_shard_count(StreamName=stream, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    aws.kinesis.delete_stream(StreamName=stream, EnforceConsumerDeletion=True)
