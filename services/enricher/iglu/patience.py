"""How long lookups may wait for registries that do not answer: bounded, whatever senders ask for.

A shard that waits is blocked. All waiting of a process together takes at most five minutes, then a tenth of the time
that passes: an outage of a few minutes fails no event, a long one blocks nothing, and neither does a sender who names
one schema after the other that makes a registry fail.
"""

import time
from collections.abc import Callable

MOST_SECONDS = 300.0
_REGAINED = 0.1  # seconds for each second that passes


class Patience:
    """Seconds that may still be waited; `clock` and `sleep` are in seconds."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._left = MOST_SECONDS
        self._counted_at = clock()

    @property
    def is_left(self) -> bool:
        """Return whether another attempt may be waited for."""
        now = self._clock()
        self._left = min(MOST_SECONDS, self._left + _REGAINED * (now - self._counted_at))
        self._counted_at = now
        return self._left > 0

    def spend(self, seconds: float) -> None:
        """Count time that an attempt took."""
        self._left -= seconds

    def wait(self, seconds: float) -> None:
        """Wait, and count it."""
        self._sleep(seconds)
        self._left -= seconds
