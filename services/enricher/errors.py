"""What can end the program, in one place: its exit code, what is said about it, and what to do.

What fails a record or an event is not here: that is a failed event (docs/reference/wire-contract.md, D.1 Kinds).
"""

from enum import Enum
from typing import NamedTuple


class _Failure(NamedTuple):
    exit_code: int
    what: str
    remedy: str


class Failure(Enum):
    """An end that an operator can meet. `reason` is the exception's one line, which names file and place."""

    CONFIGURATION = _Failure(2, "{reason}", "--check-config says it without starting")
    DAEMON_MISSING = _Failure(2, "{reason}", "or set input.consumer to polling for a single instance")
    DAEMON_ENDED = _Failure(
        1, "the Kinesis Client Library's daemon ended with exit code {code}", "its own lines above say why"
    )
    PROTOCOL = _Failure(1, "{reason}", "another instance takes the shard; if it comes again, report it")
    AWS_REFUSES = _Failure(
        1, "{reason}", "check the stream's and the table's names in {file} and this machine's permissions"
    )
    BUG = _Failure(1, "bug: {kind} at {place}", "report it; what was in hand is read again at the next start")

    @property
    def exit_code(self) -> int:
        """Return the process's exit code."""
        return self.value.exit_code

    def line(self, **facts: object) -> str:
        """Return the one line that names what failed, and the remedy."""
        return f"{self.value.what}; {self.value.remedy}".format(**facts)
