"""The buffers before the Lambda function and before S3."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class BufferHints:
    """A buffer is due when it holds this many bytes or its oldest item is this many seconds old."""

    size: int
    interval: float


class Buffer[Item]:
    """Items in order of arrival.

    `due` only shows a batch: the items leave by `discard`, once whatever follows has taken them over. So a step that
    fails loses nothing.
    """

    def __init__(self) -> None:
        self._items: deque[tuple[Item, int, float]] = deque()
        self._bytes = 0

    def add(self, item: Item, size: int, now: float) -> None:
        """Append an item of `size` bytes at the time `now`, in seconds of any steady clock."""
        self._items.append((item, size, now))
        self._bytes += size

    def due(self, hints: BufferHints, now: float) -> list[Item]:
        """Show the next batch, or nothing while neither hint is reached.

        A batch holds at most `hints.size` bytes, except for a single larger item.
        """
        if not self._items or (self._bytes < hints.size and now < self._items[0][2] + hints.interval):
            return []
        batch: list[Item] = []
        total = 0
        for item, size, _ in self._items:
            if batch and total + size > hints.size:
                break
            batch.append(item)
            total += size
        return batch

    def discard(self, count: int) -> None:
        """Forget the oldest `count` items."""
        for _ in range(count):
            _, size, _ = self._items.popleft()
            self._bytes -= size

    def seconds_until_due(self, hints: BufferHints, now: float) -> float | None:
        """Return how long until `due` shows a batch if nothing is added; None for an empty buffer."""
        if not self._items:
            return None
        return 0.0 if self._bytes >= hints.size else max(0.0, self._items[0][2] + hints.interval - now)
