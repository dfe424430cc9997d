"""A record on its way through a delivery stream."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KinesisPosition:
    """Where in the source stream a record came from."""

    shard_id: str
    partition_key: str
    sequence_number: str


@dataclass(frozen=True)
class SourceRecord:
    """A record as it came in. `arrival_ms` is Unix time; `position` is None for a record put directly."""

    record_id: str
    data: bytes
    arrival_ms: int
    position: KinesisPosition | None = None


@dataclass(frozen=True)
class OutputRecord:
    """Bytes for an S3 object: a transformed record, or the line of a failed one."""

    data: bytes
    arrival_ms: int


def kinesis_record(data: bytes, arrival_ms: int, position: KinesisPosition) -> SourceRecord:
    """Make a record of a Kinesis source: its id is unique in the stream and the same whenever it is read again."""
    record_id = f"{position.shard_id}{position.sequence_number:0>80}{0:012}"
    return SourceRecord(record_id, data, arrival_ms, position)
