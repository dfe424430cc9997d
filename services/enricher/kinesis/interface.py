"""What the pipeline needs of a source of records: batches, and a checkpoint for what is done.

The polling source for one machine and the fleet's source are the two implementations.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a shard: `sequence_number` is that of the last record before it, or `SHARD_END`."""

    shard_id: str
    sequence_number: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one shard in order, and the position after them; the batch at a shard's end has no records.

    `arrived` is when the stream took the oldest of them (Unix milliseconds), `behind` how far the last of them is from
    the shard's newest record (milliseconds), where the source knows.
    """

    records: list[bytes]
    position: Position
    arrived: int | None = None
    behind: int | None = None


class Source(Protocol):
    """A stream's records, each at least once."""

    def batches(self) -> Iterator[Batch]:
        """Yield batches until the source is told to stop."""
        ...

    def checkpoint(self, position: Position) -> None:
        """Remember that everything before `position` is done: it is not read again."""
        ...
