"""Writes records to one Kinesis stream and returns when every one of them is acknowledged."""

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from services.enricher import aws

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

_log = logging.getLogger(__name__)
_MAX_RECORDS, _MAX_BYTES = 500, 5 * 1024 * 1024
_KEY_BYTES = 36


class KinesisSink:
    """One output stream; `wait` takes seconds."""

    def __init__(
        self, stream_name: str, kinesis: "KinesisClient", wait: Callable[[float], object] = time.sleep
    ) -> None:
        self._stream = stream_name
        self._kinesis = kinesis
        self._wait = wait

    def write(self, records: Sequence[bytes]) -> None:
        """Put all records under random partition keys; those refused for now again until they are in.

        Raises AwsError.
        """
        for chunk in _chunks(records):
            pending: list[PutRecordsRequestEntryTypeDef] = [
                {"Data": record, "PartitionKey": str(uuid.uuid4())} for record in chunk
            ]
            for seconds in aws.waits():
                pending = self._put(pending)
                if not pending:
                    break
                self._wait(seconds)

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


def _chunks(records: Sequence[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    for record in records:
        if chunk and (len(chunk) == _MAX_RECORDS or size + len(record) + _KEY_BYTES > _MAX_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(record)
        size += len(record) + _KEY_BYTES
    if chunk:
        yield chunk
