"""The Kinesis stream a delivery stream reads: from LATEST at its creation, through every reshard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snowveil_localstack.firehose.records import KinesisPosition, SourceRecord, kinesis_record

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Page:
    """What one read of a shard gave. `next_iterator` is None at the end of a closed shard."""

    shard_id: str
    records: Sequence[SourceRecord]
    next_iterator: str | None


class KinesisSource:
    """Iterators of all shards being read. `client` is a boto3 Kinesis client; its errors pass through.

    The caller reads a page, keeps its records and only then calls `advance`: a page that is not kept is read again.
    """

    def __init__(self, client: Any, stream_arn: str) -> None:
        self.stream_arn = stream_arn
        self._client = client
        self._iterators: dict[str, str] = {}
        self._finished: set[str] = set()
        for shard in self._list_shards():
            if "EndingSequenceNumber" in shard["SequenceNumberRange"]:
                # Closed before the delivery stream began: all of it is older than LATEST.
                self._finished.add(shard["ShardId"])
            else:
                self._start(shard["ShardId"], "LATEST")

    def shards(self) -> list[str]:
        """Name the shards to read now."""
        return list(self._iterators)

    def read(self, shard_id: str) -> Page:
        """Read on in one shard."""
        response = self._client.get_records(ShardIterator=self._iterators[shard_id])
        records = [_source_record(shard_id, record) for record in response["Records"]]
        return Page(shard_id, records, response.get("NextShardIterator"))

    def advance(self, page: Page) -> None:
        """Do not read this page again. At a closed shard's end, begin its children whose parents are all read."""
        if page.next_iterator is not None:
            self._iterators[page.shard_id] = page.next_iterator
            return
        self._finished.add(page.shard_id)
        for shard in self._list_shards():
            parents = {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")} - {None}
            known = shard["ShardId"] in self._iterators or shard["ShardId"] in self._finished
            if parents and parents <= self._finished and not known:
                self._start(shard["ShardId"], "TRIM_HORIZON")
        # Last, so that a failure above leaves the shard to be finished again.
        self._iterators.pop(page.shard_id, None)

    def _start(self, shard_id: str, iterator_type: str) -> None:
        response = self._client.get_shard_iterator(
            StreamARN=self.stream_arn, ShardId=shard_id, ShardIteratorType=iterator_type
        )
        self._iterators[shard_id] = response["ShardIterator"]

    def _list_shards(self) -> list[dict[str, Any]]:
        shards: list[dict[str, Any]] = []
        request: dict[str, Any] = {"StreamARN": self.stream_arn}
        while True:
            response = self._client.list_shards(**request)
            shards += response["Shards"]
            if not response.get("NextToken"):
                return shards
            request = {"NextToken": response["NextToken"]}


def _source_record(shard_id: str, record: dict[str, Any]) -> SourceRecord:
    arrival_ms = int(record["ApproximateArrivalTimestamp"].timestamp() * 1000)
    position = KinesisPosition(shard_id, record["PartitionKey"], record["SequenceNumber"])
    return kinesis_record(record["Data"], arrival_ms, position)
