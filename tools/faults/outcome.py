"""What a fault came to."""

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """Events sent, events written, and of these the ones that were written before; nothing may be lost."""

    fault: str
    sent: int
    written: int
    lost: int
    duplicates: int
    seconds: float


def outcome(fault: str, sent: Set[str], written: Iterable[str], seconds: float) -> Outcome:
    """Compare the ids of the events sent with those of the lines written. Raises ValueError for an id never sent."""
    counts = Counter(written)
    lost = len(sent - set(counts))
    if unexpected := len(set(counts) - sent):
        raise ValueError(f"{fault}: {unexpected} events come from nowhere")
    return Outcome(fault, len(sent), counts.total(), lost, counts.total() - len(counts), seconds)
