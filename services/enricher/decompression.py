"""Compressed records: a gzip or zstd stream with several payloads, as collectors from 3.6 on write them.

The plain bytes are two version bytes, 1 and 1, then for each payload its length (32 bits, big-endian) and its Thrift.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from io import BufferedIOBase, BytesIO
from struct import Struct

from backports import zstd

MAX_PAYLOAD_BYTES = 10_000_000
_VERSIONS = bytes((1, 1))
_LENGTH = Struct(">i")
_FORMATS: dict[bytes, tuple[str, Callable[[BytesIO], BufferedIOBase]]] = {
    b"\x28\xb5\x2f\xfd": ("Zstd", zstd.ZstdFile),
    b"\x1f\x8b": ("Gzip", lambda record: gzip.GzipFile(fileobj=record)),
}


class CompressedRecordError(ValueError):
    """The stream cannot be read, or not further; `loader` is what its failed event calls the format."""

    def __init__(self, loader: str, message: str) -> None:
        super().__init__(message)
        self.loader = loader


class PayloadTooLargeError(ValueError):
    """A payload in the stream is larger than it may be; `actual` is its size in bytes."""

    def __init__(self, message: str, actual: int) -> None:
        super().__init__(message)
        self.actual = actual


def is_compressed(record: bytes) -> bool:
    """Tell a compressed record from Thrift, by its first bytes."""
    return record.startswith(tuple(_FORMATS))


def payloads(record: bytes) -> Iterator[bytes]:
    """Yield the payloads of a compressed record, never more than one of them in memory.

    Raises CompressedRecordError or PayloadTooLargeError after the payloads that could be read.
    """
    name, opened = next(found for magic, found in _FORMATS.items() if record.startswith(magic))
    try:
        with opened(BytesIO(record)) as stream:
            yield from _payloads(stream, name)
    except (EOFError, OSError, zlib.error, zstd.ZstdError):
        raise CompressedRecordError("", "corrupt compressed payload") from None


def _payloads(stream: BufferedIOBase, name: str) -> Iterator[bytes]:
    versions = _read(stream, len(_VERSIONS))
    if versions != _VERSIONS:
        message = f"Unsupported versions in compressed record header: {versions[0]}, {versions[1]}"
        raise CompressedRecordError(name, message)
    while head := stream.read(_LENGTH.size):
        if len(head) < _LENGTH.size:
            raise EOFError
        (size,) = _LENGTH.unpack(head)
        if size > MAX_PAYLOAD_BYTES:
            expectation = f"Collector payload will exceed maximum allowed size of {MAX_PAYLOAD_BYTES}"
            raise PayloadTooLargeError(f"{expectation} after {name} decompression", size)
        yield _read(stream, size)


def _read(stream: BufferedIOBase, size: int) -> bytes:
    """Read so many bytes. Raises EOFError: there are fewer, or it is no number of bytes."""
    if size < 0 or len(data := stream.read(size)) < size:
        raise EOFError
    return data
