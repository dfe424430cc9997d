"""The records of an event stream, from the oldest to the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_kinesis import KinesisClient


def records(kinesis: KinesisClient, stream: str) -> Iterator[bytes]:
    """Yield every record of every shard once."""
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator: str | None = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=1000)
            yield from (record["Data"] for record in answer["Records"])
            iterator = answer.get("NextShardIterator") if answer["Records"] or answer["MillisBehindLatest"] else None
