from itertools import pairwise

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collector.http.chunks import Chunks

NEXT = b"GET / HTTP/1.1\r\n\r\n"


def pieces(reads: list[bytes], body: int) -> list[bytes]:
    """Return the pieces of a body of so many bytes, which begins the first of the reads."""
    chunks = Chunks()
    found: list[bytes] = []
    for data in reads:
        start = 0
        while start < len(data) and len(b"".join(found)) < body:
            end = chunks.end_of_piece(data, start)
            assert end > start
            found.append(data[start:end])
            start = end
    return found


@given(
    st.lists(st.binary(min_size=1, max_size=30) | st.sampled_from([b"\n" * 20, b"\r\n0\r\n\r\n"])),
    st.sampled_from([b"", b";a=b", b";a=0;0"]),
    st.sampled_from([b"", b"A: 0\r\n", b"A: 0\r\nB: 5\r\n"]),
    st.lists(st.integers(0, 400)),
)
def test_no_piece_reaches_into_the_next_request(
    parts: list[bytes], extension: bytes, trailers: bytes, cuts: list[int]
) -> None:
    body = b"".join(b"%X%b\r\n%b\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n" + trailers + b"\r\n"
    data = body + NEXT
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    reads = [data[start:end] for start, end in pairwise(places)]
    assert b"".join(pieces(reads, len(body))) == body


def test_chunk_is_one_piece_whatever_it_holds() -> None:
    # One piece for each of its line ends would let a sender of few bytes occupy the process.
    chunk = b"%x\r\n%b\r\n" % (100_000, b"\n" * 100_000)
    assert pieces([chunk + b"0\r\n\r\n" + NEXT], len(chunk) + 5) == [chunk, b"0\r\n", b"\r\n"]


@pytest.mark.parametrize("size", [b"xyz\r\n", b"\r\n", b";a\r\n"])
def test_chunk_size_that_is_not_a_number_is_refused(size: bytes) -> None:
    with pytest.raises(httptools.HttpParserError):
        Chunks().end_of_piece(size, 0)
