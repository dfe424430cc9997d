"""Compressed records: a gzip or zstd stream with several payloads, as collectors from 3.6 on write them.

The plain bytes are two version bytes, 1 and 1, then for each payload its length (32 bits, big-endian) and its Thrift.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from struct import Struct

from backports import zstd

# No record of real requests compresses a hundredfold; a bomb of 1 MB can hold 30 GB, and its shard would wait hours.
_MAX_RECORD_BYTES = 100_000_000
_LEAST_PAYLOAD_BYTES = 1_000  # an empty payload costs a failed event too, and counts as this
_CHUNK = 1 << 16
_VERSIONS = bytes((1, 1))
_LENGTH = Struct(">i")
_FORMATS: dict[bytes, tuple[str, Callable[[BytesIO], BufferedIOBase]]] = {
    b"\x28\xb5\x2f\xfd": ("Zstd", zstd.ZstdFile),
    b"\x1f\x8b": ("Gzip", lambda record: gzip.GzipFile(fileobj=record)),
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a record is enriched before it is written, and how large a payload in it may be, decompressed."""

    max_bytes_in_batch: int = 5_242_880
    max_bytes_single_payload: int = 10_000_000


SNOWPLOW_DEFAULTS = Bounds()


class CompressedRecordError(ValueError):
    """The stream cannot be read, or not further; `loader` is what its failed event calls the format."""

    def __init__(self, loader: str, message: str) -> None:
        super().__init__(message)
        self.loader = loader


class TooLargeError(ValueError):
    """A payload in the stream, or all of them, are larger than they may be; `actual` is that size in bytes."""

    def __init__(self, what: str, maximum: int, name: str, actual: int) -> None:
        super().__init__(f"{what} will exceed maximum allowed size of {maximum} after {name} decompression")
        self.maximum = maximum
        self.actual = actual


def is_compressed(record: bytes) -> bool:
    """Return whether the first bytes are those of a compressed record, not of Thrift."""
    return record.startswith(tuple(_FORMATS))


def payloads(record: bytes, maximum: int) -> Iterator[bytes | TooLargeError]:
    """Yield the payloads of a compressed record, one of them in memory at a time.

    One of more than `maximum` bytes is passed over, and an error is yielded in its place. Raises CompressedRecordError
    or TooLargeError after the payloads that could be read, when nothing behind them can be.
    """
    name, opened = next(found for magic, found in _FORMATS.items() if record.startswith(magic))
    try:
        with opened(BytesIO(record)) as stream:
            yield from _payloads(stream, name, maximum)
    except (EOFError, OSError, zlib.error, zstd.ZstdError):
        raise CompressedRecordError("", "corrupt compressed payload") from None


def _payloads(stream: BufferedIOBase, name: str, maximum: int) -> Iterator[bytes | TooLargeError]:
    versions = _read(stream, len(_VERSIONS))
    if versions != _VERSIONS:
        message = f"Unsupported versions in compressed record header: {versions[0]}, {versions[1]}"
        raise CompressedRecordError(name, message)
    total = 0
    while head := stream.read(_LENGTH.size):
        if len(head) < _LENGTH.size:
            raise EOFError
        (size,) = _LENGTH.unpack(head)
        total += max(size, _LEAST_PAYLOAD_BYTES)
        if total > _MAX_RECORD_BYTES:
            raise TooLargeError("Collector payloads together", _MAX_RECORD_BYTES, name, total)
        if size <= maximum:
            yield _read(stream, size)
            continue
        yield TooLargeError("Collector payload", maximum, name, size)
        if not _skip(stream, size):
            return  # the error before has said what is wrong with the record
    if total == 0:  # no collector writes such a record: what it had held is lost unless it is a failed event
        raise EOFError


def _skip(stream: BufferedIOBase, size: int) -> bool:
    """Skip `size` bytes; return whether the stream had as many."""
    while size > 0 and (chunk := stream.read(min(size, _CHUNK))):
        size -= len(chunk)
    return size == 0


def _read(stream: BufferedIOBase, size: int) -> bytes:
    """Read `size` bytes. Raises EOFError when the stream has fewer or the size is negative."""
    if size < 0 or len(data := stream.read(size)) < size:
        raise EOFError
    return data
