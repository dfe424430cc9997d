"""Writes records to one Kinesis stream and returns when every one of them is acknowledged."""

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from services.enricher.support import aws
from services.enricher.support.batches import batches
from wire.columns import INDEX

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

_log = logging.getLogger(__name__)
_MAX_RECORDS, _MAX_BYTES = 500, 5 * 1024 * 1024
_MAX_KEY = 256  # characters of a partition key


class KinesisSink:
    """One output stream; `wait` takes seconds.

    `partition_key` is the column whose value is the partition key of a line; without one, or a value, it is random.
    """

    def __init__(
        self,
        stream_name: str,
        kinesis: "KinesisClient",
        wait: Callable[[float], object] = time.sleep,
        partition_key: str | None = None,
    ) -> None:
        self._stream = stream_name
        self._kinesis = kinesis
        self._wait = wait
        self._key_column = None if partition_key is None else INDEX[partition_key]

    def write(self, records: Sequence[bytes]) -> None:
        """Put all records; those refused for now again until they are in. Raises AwsError."""
        keyed = ((record, self._key(record)) for record in records)
        for batch in batches(keyed, _size, _MAX_BYTES, _MAX_RECORDS):
            pending: list[PutRecordsRequestEntryTypeDef] = [
                {"Data": record, "PartitionKey": key} for record, key in batch
            ]
            for seconds in aws.waits():
                pending = self._put(pending)
                if not pending:
                    break
                self._wait(seconds)

    def _key(self, record: bytes) -> str:
        value = "" if self._key_column is None else record.split(b"\t", self._key_column + 1)[self._key_column].decode()
        return value[:_MAX_KEY] or str(uuid.uuid4())

    def _put(self, entries: "list[PutRecordsRequestEntryTypeDef]") -> "list[PutRecordsRequestEntryTypeDef]":
        """Return the entries that are not in the stream yet."""
        response = aws.attempt(
            f"PutRecords to {self._stream}",
            lambda: self._kinesis.put_records(StreamName=self._stream, Records=entries),
        )
        if response is None:
            return entries
        failed = [entry for entry, result in zip(entries, response["Records"], strict=True) if result.get("ErrorCode")]
        if failed:
            _log.warning("PutRecords to %s: %d of %d entries to retry", self._stream, len(failed), len(entries))
        return failed


def _size(keyed: tuple[bytes, str]) -> int:
    record, key = keyed
    return len(record) + len(key.encode())
