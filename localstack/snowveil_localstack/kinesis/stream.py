"""Streams and shards that lose nothing: moto's with their storage, resharding and locking replaced.

moto loses records when writers race, moves a parent's records to nowhere when a shard is split, keeps writing to the
closed parent, restarts sequence numbers in children and never ends a closed shard.
"""

from __future__ import annotations

import hashlib
import threading
import time
from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import Any

from moto.kinesis import models
from moto.kinesis.exceptions import InvalidArgumentError

# Sequence numbers are 56 digits that begin with 49, as on AWS, so that nobody relies on small ones.
_FIRST_SEQUENCE_NUMBER = 49 * 10**54
_RECORDS_PER_READ = 10_000
_BYTES_PER_READ = 10 * 1024 * 1024
_by_sequence_number = attrgetter("sequence_number")


class Shard(models.Shard):
    """An append-only log in ascending sequence numbers. Only Stream writes to it, under the stream's lock."""

    def __init__(
        self, number: int, first: int, last: int, starting_sequence_number: int, parents: tuple[str, ...]
    ) -> None:
        super().__init__(number, first, last, *parents)
        self.log: list[models.Record] = []
        self.starting_sequence_number = starting_sequence_number
        self.ending_sequence_number: int | None = None
        self.opened_at = time.time()
        self.closed_at: float | None = None

    def close(self, sequence_number: int) -> None:
        """Take no more records; readers drain what is there."""
        self.is_open = False
        self.ending_sequence_number = sequence_number
        self.closed_at = time.time()

    def is_read_to_the_end(self, position: int) -> bool:
        """Return whether a reader past this sequence number has seen all a closed shard will ever hold."""
        return not self.is_open and (not self.log or position >= self.log[-1].sequence_number)

    def get_records(self, last_sequence_id: str, limit: int | None) -> tuple[list[models.Record], int, int]:
        """Return the records after the given number, the last one's number, and how many ms the reader is behind."""
        position = int(last_sequence_id)
        start = bisect_right(self.log, position, key=_by_sequence_number)
        records = self.log[start : start + min(limit or _RECORDS_PER_READ, _RECORDS_PER_READ)]
        total = 0
        for count, record in enumerate(records):
            total += len(record.data) * 3 // 4
            if total > _BYTES_PER_READ and count:
                records = records[:count]
                break
        if not records:
            return [], position, 0
        behind = self.log[-1].created_at - records[-1].created_at
        return records, records[-1].sequence_number, int(behind * 1000)

    def get_min_sequence_number(self) -> int:
        """Return the number AWS's SequenceNumberRange begins with."""
        return self.starting_sequence_number

    def get_max_sequence_number(self) -> int:
        """Return the last record's number: an iterator of type LATEST starts after it."""
        return self.log[-1].sequence_number if self.log else self.starting_sequence_number

    def get_sequence_number_at(self, at_timestamp: float) -> int:
        """Return the number before the first record that is not older than this time (Unix seconds)."""
        index = bisect_left(self.log, float(at_timestamp), key=attrgetter("created_at"))
        return self.log[index - 1].sequence_number if index else 0

    def to_json(self) -> dict[str, Any]:
        """Describe the shard as DescribeStream and ListShards give it."""
        response: dict[str, Any] = super().to_json()
        if self.ending_sequence_number is not None:
            response["SequenceNumberRange"]["EndingSequenceNumber"] = str(self.ending_sequence_number)
        return response


class Stream(models.Stream):
    """A stream whose every change happens under one lock, with sequence numbers that ascend across all its shards."""

    shards: dict[str, Shard]  # type: ignore[assignment] # narrower than moto's

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self.lock = threading.RLock()
        self._last_sequence_number = _FIRST_SEQUENCE_NUMBER
        super().__init__(*arguments, **keywords)

    def init_shards(self, shard_count: int) -> None:
        """Divide the hash key space evenly."""
        self.shard_count = shard_count
        step = 2**128 // shard_count
        for number in range(shard_count):
            last = 2**128 - 1 if number == shard_count - 1 else (number + 1) * step - 1
            self._add_shard(number * step, last)

    def put_record(self, partition_key: str, explicit_hash_key: str, data: str) -> tuple[str, str]:
        """Append one record (`data` in base64); returns its sequence number and shard id."""
        with self.lock:
            shard = self.get_shard_for_key(partition_key, explicit_hash_key)
            number = self._next_sequence_number()
            shard.log.append(models.Record(partition_key, data, number, explicit_hash_key))
            return str(number), shard.shard_id

    def get_shard_for_key(self, partition_key: str, explicit_hash_key: str) -> Shard:
        """Find the open shard that owns the key."""
        if explicit_hash_key:
            key = int(explicit_hash_key)
        else:
            key = int(hashlib.md5(partition_key.encode(), usedforsecurity=False).hexdigest(), 16)
        return next(s for s in self.shards.values() if s.is_open and s.starting_hash <= key <= s.ending_hash)

    def split_shard(self, shard_to_split: str, new_starting_hash_key: str) -> None:
        """Close the shard and open two children. Raises InvalidArgumentError like AWS."""
        with self.lock:
            shard, middle = self.shards[shard_to_split], int(new_starting_hash_key)
            self._require_open(shard)
            if not shard.starting_hash < middle < shard.ending_hash:
                raise InvalidArgumentError(
                    message=f"NewStartingHashKey {middle} is not inside the range of shard {shard_to_split}."
                )
            shard.close(self._next_sequence_number())
            self._add_shard(shard.starting_hash, middle - 1, shard.shard_id)
            self._add_shard(middle, shard.ending_hash, shard.shard_id)
            self._count_open_shards()

    def merge_shards(self, shard_to_merge: str, adjacent_shard_to_merge: str) -> None:
        """Close two neighbours and open one child. Raises InvalidArgumentError like AWS."""
        with self.lock:
            first, second = self.shards[shard_to_merge], self.shards[adjacent_shard_to_merge]
            self._require_open(first)
            self._require_open(second)
            low, high = sorted((first, second), key=attrgetter("starting_hash"))
            if low.ending_hash + 1 != high.starting_hash:
                raise InvalidArgumentError(
                    message=f"{shard_to_merge} and {adjacent_shard_to_merge} are not neighbours."
                )
            first.close(self._next_sequence_number())
            second.close(self._next_sequence_number())
            self._add_shard(low.starting_hash, high.ending_hash, first.shard_id, second.shard_id)
            self._count_open_shards()

    def update_shard_count(self, target_shard_count: int) -> None:
        """Split and merge until there are as many open shards as asked for."""
        with self.lock:
            super().update_shard_count(target_shard_count)

    def _add_shard(self, first: int, last: int, *parents: str) -> None:
        shard = Shard(len(self.shards), first, last, self._next_sequence_number(), parents)
        self.shards[shard.shard_id] = shard

    def _next_sequence_number(self) -> int:
        self._last_sequence_number += 1
        return self._last_sequence_number

    def _count_open_shards(self) -> None:
        self.shard_count = sum(shard.is_open for shard in self.shards.values())

    def _require_open(self, shard: Shard) -> None:
        if not shard.is_open:
            raise InvalidArgumentError(message=f"Shard {shard.shard_id} has already been merged or split.")
