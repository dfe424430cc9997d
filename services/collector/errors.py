"""What can go wrong, in one place: its code, what is said about it, and what to do."""

from enum import Enum
from typing import NamedTuple


class _Failure(NamedTuple):
    exit_code: int  # of the process that ends by it; 0 when it goes on
    what: str
    remedy: str


class Failure(Enum):
    """A failure that an operator can meet; its name stands in the log, and the exit code in --help."""

    CANNOT_LISTEN = _Failure(
        1, "cannot listen on {interface}:{port}: {reason}", "stop what listens there, or set another interface or port"
    )
    FILE_UNREADABLE = _Failure(2, "{file}: cannot be read ({reason})", "give the file with --config")
    FILE_NOT_JSON = _Failure(2, "{file}: {reason}", "the file must be one JSON object in UTF-8")
    FILE_NOT_HOCON = _Failure(2, "{file}: {reason}", "correct the line; --help says what is read")
    SETTING_WRONG = _Failure(2, "{file}: {place}: {reason}", "correct it (--help shows an example)")
    SPILL_UNUSABLE = _Failure(
        2,
        "{file}: $.collector.spill.directory: {directory} takes no files ({reason})",
        "set a directory that this user may write, on an encrypted volume",
    )
    TOO_FEW_FILES = _Failure(
        0,
        "networking.maxConnections: {asked} connections need more open files than the hard limit allows;"
        " {possible} are served",
        "raise it (ulimit -Hn, LimitNOFILE) or lower maxConnections",
    )
    WORKER_LOST = _Failure(
        3,
        "worker {worker} ended with {code} while stopping: what it held in memory is lost",
        "look for its last log lines; a spill or durable bounds what can be lost",
    )
    WORKERS_DIE = _Failure(4, "workers died again and again", "the log says where; this process ends for a fresh start")
    STREAM_REFUSES = _Failure(
        0,
        "stream {stream}: takes no records or not all ({code})",
        "they are kept and tried again until they are in",
    )
    SPILL_FULL = _Failure(
        0, "stream {stream}: the spill takes no more ({reason})", "answers are 503 until Kinesis takes records again"
    )
    SEGMENT_BROKEN = _Failure(
        0,
        "stream {stream}: {count} bytes of a spilled segment cannot be read",
        "it is kept as {path}: read what is whole of it, then remove it",
    )

    @property
    def exit_code(self) -> int:
        """Return the process's exit code, or 0 when it goes on."""
        return self.value.exit_code

    def line(self, **facts: object) -> str:
        """Return the one line that names what failed, and the remedy."""
        return f"{self.value.what}: {self.value.remedy}".format(**facts)


class ConfigError(ValueError):
    """The configuration is refused; the text is one line that names file, place and remedy."""

    def __init__(self, failure: Failure, **facts: object) -> None:
        super().__init__(failure.line(**facts))
        self.exit_code = failure.exit_code
