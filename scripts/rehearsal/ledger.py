"""What was sent and where it must arrive: the two sides of the sum that a rehearsal compares."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

type Destination = Literal["output", "enriched-bad", "raw-bad", "quarantine"]
DESTINATIONS: tuple[Destination, ...] = ("output", "enriched-bad", "raw-bad", "quarantine")


@dataclass(slots=True)
class Ledger:
    """Events sent, by client, and the records that they must become, by destination."""

    sent: Counter[str] = field(default_factory=Counter)
    expected: Counter[Destination] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)

    def add(self, client: str, destination: Destination, events: int = 1) -> None:
        """Record that `client` sent `events`, each of which must become one record at `destination`."""
        self.sent[client] += events
        self.expected[destination] += events
