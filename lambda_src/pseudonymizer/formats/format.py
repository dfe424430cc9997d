"""What is done to a delivery's records: each is read by itself, then all that could be read are treated together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

# From a JSON text to the same with what the record says of itself; `str` adds nothing.
type Stamp = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Format[Read]:
    """A delivery's format under a plan, whose counts it raises."""

    read: Callable[[bytes], Read]  # raises UnprocessableError for what is not such a record
    treat: Callable[[Sequence[Read]], list[str]]  # changes what it is given; lines in order, without their ends

    def line(self, record: bytes) -> str:
        """Return the line of one record. Raises UnprocessableError when it is not such a record."""
        (line,) = self.treat([self.read(record)])
        return line
