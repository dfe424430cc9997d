"""A segment: one file of entries that wait for Kinesis.

Format: the eight bytes of MAGIC, then for each entry its length and CRC-32, both 32 bit big-endian, and its bytes.
What was acknowledged is on disk, so only the end of a file can be torn, by a crash in the middle of a write.
"""

import fcntl
import os
from pathlib import Path
from struct import Struct
from typing import NamedTuple
from zlib import crc32

MAGIC = b"SVSPILL1"
_FRAME = Struct(">II")


class Contents(NamedTuple):
    """What a segment holds: whole entries, bytes of a torn end, and whether there is more that cannot be read."""

    entries: list[bytes]
    torn: int
    is_broken: bool


def frame(entry: bytes) -> bytes:
    """Return the entry as it stands in a segment."""
    return _FRAME.pack(len(entry), crc32(entry)) + entry


def parse(data: bytes) -> Contents:
    """Read a segment's bytes; never raises."""
    if not data.startswith(MAGIC):
        # A crash may come before the first write is on disk: then the file is empty, short or of zeros.
        is_torn = MAGIC.startswith(data) or not data.strip(b"\0")
        return Contents([], len(data), not is_torn)
    entries: list[bytes] = []
    position = len(MAGIC)
    while position < len(data):
        rest = len(data) - position
        if rest < _FRAME.size:
            return Contents(entries, rest, is_broken=False)
        length, checksum = _FRAME.unpack_from(data, position)
        start = position + _FRAME.size
        content = data[start : start + length]
        if len(content) < length:
            return Contents(entries, rest, is_broken=False)
        if length == 0 or crc32(content) != checksum:
            is_torn = not data[position:].strip(b"\0") or start + length == len(data)
            return Contents(entries, rest, not is_torn)
        entries.append(content)
        position = start + length
    return Contents(entries, 0, is_broken=False)


class SegmentWriter:
    """A new segment, readable by its owner only, which no other process may claim until it is closed."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self.size = 0
        try:
            self.append(MAGIC)
            _sync_directory(path.parent)
        except OSError:
            os.close(self._file)
            path.unlink()
            raise

    def append(self, data: bytes) -> None:
        """Write, and return when the disk has it. Raises OSError, after which the file is as before."""
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, memoryview(data)[written:])
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
            raise
        self.size += len(data)

    def close(self) -> None:
        """Leave the segment to whoever claims it."""
        os.close(self._file)


class ClaimedSegment:
    """A finished segment that this process alone reads."""

    def __init__(self, path: Path, file: int) -> None:
        self._path = path
        self._file = file

    def read(self) -> Contents:
        """Read it all. Raises OSError."""
        return parse(self._path.read_bytes())

    def remove(self) -> None:
        """Delete it: all of its entries are in Kinesis."""
        self._path.unlink()
        os.close(self._file)

    def keep_as_broken(self) -> Path:
        """Set it aside for people, where no one claims it; return its path."""
        aside = self._path.rename(self._path.with_suffix(".broken"))
        os.close(self._file)
        return aside

    def release(self) -> None:
        """Leave it to whoever claims it next."""
        os.close(self._file)


def claim(path: Path) -> ClaimedSegment | None:
    """Claim a segment, or return None when another process writes or reads it, or has removed it."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    if not path.exists():  # its last owner removed it between our opening and our lock
        os.close(file)
        return None
    return ClaimedSegment(path, file)


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
