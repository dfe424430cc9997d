"""The source for one machine: polls every shard of a stream by turns and keeps its checkpoints in the lease table."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from services.enricher.kinesis.interface import Batch, Position
from services.enricher.kinesis.leases import SHARD_END, TRIM_HORIZON, LeaseTable
from services.enricher.support import aws
from services.enricher.support.aws import AwsError

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import GetRecordsOutputTypeDef, ShardTypeDef

_log = logging.getLogger(__name__)
# A shard appears only when another closes, which lists at once; this bounds how long a list taken too early stands.
_LIST_SECONDS = 10.0


@dataclass(slots=True)
class _Shard:
    shard_id: str
    read: str  # sequence number of the last record handed out, or TRIM_HORIZON
    iterator: str | None = None


class PollingSource:
    """A `Source`; `stop` ends it between two reads."""

    def __init__(
        self,
        stream_name: str,
        kinesis: "KinesisClient",
        leases: LeaseTable,
        stop: Event,
        *,
        max_records: int,
        idle_seconds: float,
    ) -> None:
        self._stream = stream_name
        self._kinesis = kinesis
        self._leases = leases
        self._stop = stop
        self._max_records = max_records
        self._idle_seconds = idle_seconds
        self._checkpoints: dict[str, str] = {}
        self._open: dict[str, _Shard] = {}
        self._list_at = 0.0

    def batches(self) -> Iterator[Batch]:
        """Yield batches, a child shard's only after its parents' last. Raises AwsError."""
        leases = None
        while leases is None and not self._stop.is_set():
            leases = self._attempt("Scan of the lease table", self._leases.checkpoints)
        self._checkpoints = leases or {}
        while not self._stop.is_set():
            started = time.monotonic()
            if started >= self._list_at:
                self._list_at = started + _LIST_SECONDS
                self._open_shards()
            for shard in list(self._open.values()):
                if self._stop.is_set():
                    return
                yield from self._read(shard)
            self._stop.wait(max(0.0, started + self._idle_seconds - time.monotonic()))

    def checkpoint(self, position: Position) -> None:
        """Write the checkpoint to the lease table. Raises AwsError."""
        self._leases.put(position)
        self._checkpoints[position.shard_id] = position.sequence_number
        if position.sequence_number == SHARD_END:
            self._list_at = 0.0

    def _open_shards(self) -> None:
        """Begin to read each shard that is neither done nor waiting for a parent that is still there."""
        shards = self._attempt(f"ListShards of {self._stream}", self._list_shards) or []
        existing = {shard["ShardId"] for shard in shards}
        for shard in shards:
            shard_id = shard["ShardId"]
            parents = {shard.get("ParentShardId", ""), shard.get("AdjacentParentShardId", "")} & existing
            read = self._checkpoints.get(shard_id, TRIM_HORIZON)
            if (
                shard_id not in self._open
                and read != SHARD_END
                and all(self._checkpoints.get(parent) == SHARD_END for parent in parents)
            ):
                _log.info("reading shard %s from %s", shard_id, read)
                self._open[shard_id] = _Shard(shard_id, read)

    def _list_shards(self) -> "list[ShardTypeDef]":
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamName=self._stream)
        return [shard for page in pages for shard in page["Shards"]]

    def _read(self, shard: _Shard) -> Iterator[Batch]:
        """Yield the next records of a shard, if any, and its end."""
        response = self._get_records(shard)
        if response is None:
            return
        if records := response["Records"]:
            shard.read = records[-1]["SequenceNumber"]
            arrived = records[0].get("ApproximateArrivalTimestamp")
            yield Batch(
                [record["Data"] for record in records],
                Position(shard.shard_id, shard.read),
                arrived=int(arrived.timestamp() * 1000) if arrived else None,
                behind=response.get("MillisBehindLatest"),
            )
        shard.iterator = response.get("NextShardIterator") or None
        if shard.iterator is None:
            del self._open[shard.shard_id]
            yield Batch([], Position(shard.shard_id, SHARD_END))

    def _get_records(self, shard: _Shard) -> "GetRecordsOutputTypeDef | None":
        iterator = shard.iterator or self._attempt(f"GetShardIterator of {self._stream}", lambda: self._iterator(shard))
        if iterator is None:
            return None
        shard.iterator = iterator
        try:
            return self._attempt(
                f"GetRecords of {self._stream}",
                lambda: self._kinesis.get_records(ShardIterator=iterator, Limit=self._max_records),
            )
        except AwsError as error:
            if error.code != "ExpiredIteratorException":
                raise
            shard.iterator = None
            return None

    def _iterator(self, shard: _Shard) -> str:
        if shard.read == TRIM_HORIZON:
            response = self._kinesis.get_shard_iterator(
                StreamName=self._stream, ShardId=shard.shard_id, ShardIteratorType="TRIM_HORIZON"
            )
        else:
            response = self._kinesis.get_shard_iterator(
                StreamName=self._stream,
                ShardId=shard.shard_id,
                ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                StartingSequenceNumber=shard.read,
            )
        return response["ShardIterator"]

    def _attempt[Answer](self, operation: str, call: Callable[[], Answer]) -> Answer | None:
        """Call once; after a passing error wait, and let the next turn try again."""
        answer = aws.attempt(operation, call)
        if answer is None:
            self._stop.wait(next(aws.waits()))
        return answer
