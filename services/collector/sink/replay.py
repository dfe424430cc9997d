"""Puts into Kinesis what waits on disk: of this process, of one that died, of one that was killed."""

import asyncio
import logging
from collections.abc import Iterator, Sequence

from services.collector.config.settings import Stream
from services.collector.errors import Failure
from services.collector.sink.buffer import Sink, next_delay
from services.collector.sink.segment import ClaimedSegment
from services.collector.sink.spill import Spill

_LOOK_EVERY_SECONDS = 10  # for segments that another process has left

_log = logging.getLogger(__name__)


class Replay:
    """Replays a stream's segments, the oldest first, one call at a time, beside the sink's own writing."""

    def __init__(self, stream: Stream, sink: Sink, spill: Spill) -> None:
        self._stream = stream
        self._sink = sink
        self._spill = spill
        self._delay = stream.backoff_policy.min_backoff / 1000

    async def run(self) -> None:
        """Replay for ever whatever comes to the disk."""
        while True:
            await self.empty()
            await self._sink.wait_for_failure(_LOOK_EVERY_SECONDS)

    async def empty(self) -> None:
        """Return when nothing waits on disk. While Kinesis fails this does not return."""
        while True:
            if (segment := await self._spill.claim_oldest()) is not None:
                await self._replay(segment)
            elif self._spill.is_empty():
                return
            else:  # another process replays the rest, and Kinesis may fail it too
                await self._pause()

    async def _replay(self, segment: ClaimedSegment) -> None:
        try:
            contents = await asyncio.to_thread(segment.read)
            for batch in self._batches(contents.entries):
                await self._put(batch)
        except BaseException:
            segment.release()
            raise
        if contents.is_broken:
            path = segment.keep_as_broken().name
            _log.error("%s", Failure.SEGMENT_BROKEN.line(stream=self._stream.name, count=contents.torn, path=path))
            return
        segment.remove()
        _log.info(
            "stream %s: %d spilled records are in the stream; %d bytes of a torn end, never acknowledged, are dropped",
            self._stream.name, len(contents.entries), contents.torn,
        )  # fmt: skip

    async def _put(self, batch: Sequence[bytes]) -> None:
        while left := await self._sink.put_records(batch):
            if len(left) == len(batch):
                self._sink.fail()
            batch = left
            await self._pause()
        self._delay = self._stream.backoff_policy.min_backoff / 1000

    async def _pause(self) -> None:
        await asyncio.sleep(self._delay)
        self._delay = next_delay(self._stream.backoff_policy, self._delay)

    def _batches(self, entries: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
        batch: list[bytes] = []
        size = 0
        limits = self._stream.buffer
        for entry in entries:
            if batch and (len(batch) == limits.record_limit or size + len(entry) > limits.byte_limit):
                yield batch
                batch, size = [], 0
            batch.append(entry)
            size += len(entry)
        if batch:
            yield batch
