"""A stream's spill: a bounded directory of segments, for entries that Kinesis does not take now.

Rules and bounds: docs/adr/0019-spill.md.

The files hold personal data in clear: the directory belongs on an encrypted volume.
"""

import asyncio
import os
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from services.collector.sink.segment import MAGIC, ClaimedSegment, SegmentWriter, claim, frame

SEGMENT_BYTES = 8 * 1024 * 1024


class SpillFullError(Exception):
    """The directory has reached its bound."""


class _Waiting(NamedTuple):
    """The frames of one batch, and the future that is done when they are on disk."""

    frames: bytes
    stored: asyncio.Future[None]


def held_bytes(root: Path) -> tuple[int, int]:
    """Return the bytes and the number of all files of a spill directory, whatever their stream."""
    size = files = 0
    for path in root.glob("*/*"):
        with suppress(FileNotFoundError):  # a process has just put it into Kinesis
            size += path.stat().st_size
            files += 1
    return size, files


class Spill:
    """Appends entries and hands out finished segments; several processes may share the directory.

    `max_bytes` bounds all streams' segments below `root` together, to within a segment for each process.
    """

    def __init__(self, root: Path, stream: str, max_bytes: int) -> None:
        self._root = root
        self._directory = root / stream
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._max_bytes = max_bytes
        self._writer: SegmentWriter | None = None
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def append(self, entries: Sequence[bytes]) -> None:
        """Return when the entries are on disk. Raises SpillFullError or OSError: then none of them counts as stored."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(b"".join([frame(entry) for entry in entries]), stored))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await stored

    async def _write(self) -> None:
        """Write what waits, as much as fits a segment with one fsync, until nothing waits."""
        while self._waiting:
            group = [self._waiting.popleft()]
            data = [group[0].frames]
            while self._waiting and sum(map(len, data)) + len(self._waiting[0].frames) <= SEGMENT_BYTES - len(MAGIC):
                group.append(self._waiting.popleft())
                data.append(group[-1].frames)
            try:
                await asyncio.to_thread(self._append, b"".join(data))
            except (OSError, SpillFullError) as error:
                for each in group:
                    each.stored.set_exception(error)
            else:
                for each in group:
                    each.stored.set_result(None)
        self._writing = None

    def _append(self, data: bytes) -> None:
        if self._writer is not None and self._writer.size + len(data) > SEGMENT_BYTES:
            self._finish()
        if self._writer is None:
            if self.is_full():
                raise SpillFullError
            self._writer = SegmentWriter(self._directory / f"{time.time_ns():020}-{os.getpid()}.segment")
        self._writer.append(data)

    def _finish(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def is_full(self) -> bool:
        """Return whether no further segment may be begun. Broken segments count too: they take the space."""
        return held_bytes(self._root)[0] + SEGMENT_BYTES > self._max_bytes

    def is_empty(self) -> bool:
        """Return whether none of this stream's entries is on disk; what is broken waits for people."""
        return self._writer is None and not any(self._directory.glob("*.segment"))

    async def claim_oldest(self) -> ClaimedSegment | None:
        """Claim the oldest segment that no process writes or reads; the one that is being written is finished first."""
        if (claimed := self._claim_any()) is not None:
            return claimed
        while self._writing is not None:
            await self._writing
        self._finish()
        return self._claim_any()

    def _claim_any(self) -> ClaimedSegment | None:
        for path in sorted(self._directory.glob("*.segment")):
            if (claimed := claim(path)) is not None:
                return claimed
        return None
