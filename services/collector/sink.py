"""A Kinesis stream's buffer and writer: what is put is written, however long that takes (wire contract B.9)."""

import logging
import random
import time
from collections import deque
from collections.abc import Sequence
from threading import Condition, Thread
from typing import TYPE_CHECKING, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from services.collector.config import Stream

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

MAX_HELD_BYTES = 128 * 1024 * 1024
_FIRST_DELAY, _MIN_DELAY, _MAX_DELAY = 0.5, 0.5, 1.5

_log = logging.getLogger(__name__)


class Record(NamedTuple):
    """What PutRecords takes."""

    key: str
    data: bytes

    @property
    def size(self) -> int:
        """Bytes as PutRecords counts them."""
        return len(self.key) + len(self.data)


def client(region: str) -> "KinesisClient":
    """Make the client; it does not retry by itself, for that would repeat the entries that were stored."""
    return boto3.session.Session().client(
        "kinesis",
        region_name=region,
        config=Config(
            connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1}, parameter_validation=False
        ),
    )


class Sink:
    """Takes records from the event loop's thread and writes them in batches from a thread of its own."""

    def __init__(self, stream: Stream, kinesis: "KinesisClient", max_held_bytes: int = MAX_HELD_BYTES) -> None:
        self._stream = stream
        self._kinesis = kinesis
        self._max_held_bytes = max_held_bytes
        self._queue: deque[Record] = deque()
        self._queued_bytes = 0
        self._held_bytes = 0  # queued and being written
        self._oldest = 0.0
        self._closing = False
        self._is_failing = False
        self.is_healthy = False
        self._changed = Condition()
        self._thread = Thread(target=self._run, name=f"sink {stream.name}")
        self._thread.start()

    @property
    def is_full(self) -> bool:
        """Tell whether nothing more may be accepted until Kinesis has taken some; a request may overshoot once."""
        return self._held_bytes >= self._max_held_bytes

    def put(self, record: Record) -> None:
        """Take a record; it is in the stream by the time `close` has returned."""
        with self._changed:
            if not self._queue:
                self._oldest = time.monotonic()
            self._queue.append(record)
            self._queued_bytes += record.size
            self._held_bytes += record.size
            if len(self._queue) == 1 or self._is_batch_full():
                self._changed.notify()

    def close(self) -> None:
        """Write all that is held, and return when Kinesis has it; no `put` may follow."""
        with self._changed:
            self._closing = True
            self._changed.notify()
            if self._queue:
                _log.info("stream %s: writing the last %d records", self._stream.name, len(self._queue))
        self._thread.join()

    def _is_batch_full(self) -> bool:
        buffer = self._stream.buffer
        return len(self._queue) >= buffer.record_limit or self._queued_bytes >= buffer.byte_limit

    def _run(self) -> None:
        self._check_stream()
        while batch := self._next_batch():
            self._write(batch)

    def _next_batch(self) -> list[Record]:
        """Wait until a batch is full or old enough; empty when the sink is closed and all is written."""
        with self._changed:
            while not self._queue and not self._closing:
                self._changed.wait()
            due = self._oldest + self._stream.buffer.time_limit / 1000
            while not self._closing and not self._is_batch_full() and (rest := due - time.monotonic()) > 0:
                self._changed.wait(rest)
            return self._take()

    def _take(self) -> list[Record]:
        batch: list[Record] = []
        room = self._stream.buffer.byte_limit
        while self._queue and len(batch) < self._stream.buffer.record_limit and self._queue[0].size <= room:
            record = self._queue.popleft()
            batch.append(record)
            room -= record.size
            self._queued_bytes -= record.size
        self._oldest = time.monotonic()
        return batch

    def _write(self, batch: Sequence[Record]) -> None:
        delay = _FIRST_DELAY
        while True:
            refused = self._put_records(batch)
            with self._changed:
                self._held_bytes -= sum(record.size for record in batch) - sum(record.size for record in refused)
            if not refused:
                return
            batch = refused
            time.sleep(delay)
            delay = max(random.uniform(_MIN_DELAY, _MAX_DELAY), delay / 3 * 2)  # noqa: S311  # no secret: spreads load

    def _check_stream(self) -> None:
        """Say at the start, and not with the first event, that the stream cannot be reached."""
        try:
            self._kinesis.describe_stream_summary(StreamName=self._stream.name)
        except Exception as error:  # noqa: BLE001  # whatever it is, records are kept until they can be written
            self._report_failure(_reason(error))
        else:
            self.is_healthy = True

    def _put_records(self, batch: Sequence[Record]) -> Sequence[Record]:
        """Return the records that Kinesis has not confirmed."""
        try:
            response = self._kinesis.put_records(
                StreamName=self._stream.name,
                Records=[{"Data": record.data, "PartitionKey": record.key} for record in batch],
            )
            answers = list(zip(batch, response["Records"], strict=True))
        except Exception as error:  # noqa: BLE001  # whatever it is, the records are kept
            self._report_failure(_reason(error))
            return batch
        refused = [record for record, answer in answers if answer.get("ErrorCode")]
        if refused:
            self._report_failure(next(answer["ErrorCode"] for _, answer in answers if answer.get("ErrorCode")))
        else:
            self.is_healthy = True
        if not refused and self._is_failing:
            self._is_failing = False
            _log.info("stream %s: takes records again, and has all that it refused", self._stream.name)
        return refused

    def _report_failure(self, reason: str) -> None:
        self.is_healthy = False
        if not self._is_failing:
            self._is_failing = True
            _log.warning(
                "stream %s: takes no records or not all (%s): they are kept and tried again until they are in",
                self._stream.name, reason,
            )  # fmt: skip


def _reason(error: Exception) -> str:
    """Name the error; its text stays out of the log, for it may quote a record."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
