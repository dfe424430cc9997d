"""A Kinesis stream's buffer and writer: what is put is written, however long that takes.

Wire contract (docs/reference/wire-contract.md): B.9 Writing to Kinesis.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from services.collector.config.settings import BackoffPolicy, Stream
from services.collector.defects import log_defect
from services.collector.errors import Failure
from services.collector.sink import entries
from services.collector.sink.kinesis import Kinesis, KinesisError
from services.collector.sink.spill import Spill, SpillFullError

MAX_HELD_BYTES = 128 * 1024 * 1024
_CALLS = 4  # at the same time
_SPILL_SECONDS = 0.005  # a batch for the disk collects as long: one fsync for all that wait

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """What happened since the start."""

    records: int = 0
    calls: int = 0
    failed_calls: int = 0
    refused_records: int = 0
    spilled_records: int = 0


class Batch:
    """The entries of one call, and the future that is done when they are stored."""

    __slots__ = ("_stored", "entries", "size")

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.size = 0
        self._stored: asyncio.Future[None] | None = None

    def stored(self) -> asyncio.Future[None]:
        """Return the future that is done when Kinesis or the disk has all entries."""
        if self._stored is None:
            self._stored = asyncio.get_running_loop().create_future()
        return self._stored

    def settle(self) -> None:
        """Set the future: all entries are stored."""
        if self._stored is not None and not self._stored.done():
            self._stored.set_result(None)


class Sink:
    """Takes records and writes them in batches. While Kinesis fails, batches go to the spill, if there is one."""

    def __init__(self, stream: Stream, kinesis: Kinesis, spill: Spill | None, max_held_bytes: int) -> None:
        self._stream = stream
        self._kinesis = kinesis
        self.spill = spill
        self._max_held_bytes = max_held_bytes
        self._record_limit = stream.buffer.record_limit
        self._byte_limit = stream.buffer.byte_limit
        self._open = Batch()
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._calls = asyncio.Semaphore(_CALLS)
        self._writes: set[asyncio.Task[None]] = set()
        self._is_spill_full = False
        self._is_reported = False
        self._failed = asyncio.Event()
        self.counts = Counts()
        self.held_bytes = 0  # in the open batch and being written
        self.is_failing = False
        self.is_healthy = False

    @property
    def is_full(self) -> bool:
        """Return whether nothing more may be accepted now; a request may overshoot the bound once."""
        return self.held_bytes >= self._max_held_bytes or (self.is_failing and self._is_spill_full)

    @property
    def is_spilling(self) -> bool:
        """Return whether an answer waits for the disk: while Kinesis fails, what is in memory only could be lost."""
        return self.is_failing and self.spill is not None and not self._is_spill_full

    def put(self, key: bytes, record: bytes) -> Batch:
        """Take a record; it is in the stream, or on disk, by the time `close` has returned."""
        entry = entries.entry(key, record)
        size = len(entry)
        batch = self._open
        if batch.size + size > self._byte_limit and batch.entries:
            self._flush()
            batch = self._open
        batch.entries.append(entry)
        batch.size += size
        self.held_bytes += size
        if len(batch.entries) >= self._record_limit:
            self._flush()
        elif self._timer is None:
            seconds = _SPILL_SECONDS if self.is_spilling else self._stream.buffer.time_limit / 1000
            self._timer = self._loop.call_later(seconds, self._flush)
        return batch

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._open.entries:
            task = self._loop.create_task(self._write(self._open))
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)
            self._open = Batch()

    async def _write(self, batch: Batch) -> None:
        """Store a batch: in Kinesis, or on disk while Kinesis fails."""
        policy = self._stream.backoff_policy
        delay = policy.min_backoff / 1000
        tries = 0
        left: Sequence[bytes] = batch.entries
        while left:
            if self.is_spilling and self.spill is not None and await self._spill(self.spill, left):
                left = ()
                break
            async with self._calls:
                if self.is_spilling:  # since we wait for our turn
                    continue
                refusal = await self.put_records(left)
            tries += 1
            if len(refusal) == len(left) or (refusal and tries > policy.max_retries):
                self.fail()
            left = refusal
            if left and not self.is_spilling:
                await asyncio.sleep(delay)
                delay = next_delay(policy, delay)
        self.held_bytes -= batch.size
        batch.settle()

    async def _spill(self, spill: Spill, left: Sequence[bytes]) -> bool:
        try:
            await spill.append(left)
        except (OSError, SpillFullError) as error:
            if not self._is_spill_full:
                _log.error("%s", Failure.SPILL_FULL.line(stream=self._stream.name, reason=type(error).__name__))
            self._is_spill_full = True
            return False
        self._is_spill_full = False
        self.counts.spilled_records += len(left)
        return True

    async def put_records(self, batch: Sequence[bytes]) -> Sequence[bytes]:
        """Make one call; return the entries that Kinesis has not confirmed, which is all of them when it failed."""
        self.counts.calls += 1
        try:
            answer = await self._kinesis.call("PutRecords", entries.request(self._stream.name, batch))
            refusal = entries.refused(batch, answer)
        except KinesisError as error:
            self._report(str(error))
        except (ValueError, msgspec.MsgspecError) as error:
            log_defect(f"stream {self._stream.name}: the answer is not an answer to the call", error)
            self._report("MalformedAnswer")
        else:
            self.counts.records += len(batch) - len(refusal.entries)
            self.counts.refused_records += len(refusal.entries)
            if len(refusal.entries) < len(batch):
                self.recover()
            self._report(refusal.code if refusal.entries else None)
            return refusal.entries
        self.counts.failed_calls += 1
        return batch

    def fail(self) -> None:
        """Write to the spill from now on: Kinesis stores nothing."""
        if not self.is_failing:
            self._flush()  # what was acknowledged from memory need not wait for its time
        self.is_failing = True
        self.is_healthy = False
        self._failed.set()

    def recover(self) -> None:
        """Write to Kinesis again: it takes records."""
        self.is_failing = self._is_spill_full = False
        self.is_healthy = True
        self._failed.clear()

    async def wait_for_failure(self, seconds: float) -> None:
        """Return when Kinesis fails, or after so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._failed.wait(), seconds)

    async def check_stream(self) -> None:
        """Describe the stream until that succeeds, so that an unreachable one is logged before the first event."""
        body = msgspec.json.encode({"StreamName": self._stream.name})
        while not self.is_healthy:
            try:
                await self._kinesis.call("DescribeStreamSummary", body)
            except KinesisError as error:
                self._report(str(error))
                await asyncio.sleep(self._stream.startup_check_interval)
            else:
                self.is_healthy = True

    async def close(self) -> None:
        """Write all that is held, and return when Kinesis or the disk has it; no `put` may follow."""
        if self._open.entries:
            _log.info("stream %s: writing the last %d records", self._stream.name, len(self._open.entries))
        self._flush()
        while self._writes:
            await asyncio.wait(self._writes)

    def _report(self, failure: str | None) -> None:
        """Log the change, not each call: `failure` is an error code, or None when all was taken."""
        if failure is None and self._is_reported:
            _log.info("stream %s: takes records again", self._stream.name)
        elif failure is not None and not self._is_reported:
            _log.warning("%s", Failure.STREAM_REFUSES.line(stream=self._stream.name, code=failure))
        self._is_reported = failure is not None


def next_delay(policy: BackoffPolicy, delay: float) -> float:
    """Return the pause after one of `delay` seconds: jittered, so that many writers do not come back at once."""
    return max(random.uniform(policy.min_backoff, policy.max_backoff) / 1000, delay / 3 * 2)  # noqa: S311  # no secret
