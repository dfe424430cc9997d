"""The entries of a PutRecords request, as they stand in its JSON: made once, sent, stored on disk and sent again."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from pybase64 import b64encode


class Refusal(NamedTuple):
    """The entries of a call that Kinesis did not take, and the first reason."""

    entries: Sequence[bytes]
    code: str


class _Result(msgspec.Struct):
    ErrorCode: str | None = None


class _Answer(msgspec.Struct):
    FailedRecordCount: int
    Records: list[msgspec.Raw]


_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_result = msgspec.json.Decoder(_Result).decode


def entry(key: bytes, record: bytes) -> bytes:
    """Return the JSON of one entry; `key` is of characters that JSON need not escape."""
    return b'{"Data":"%b","PartitionKey":"%b"}' % (b64encode(record), key)


def request(stream: str, entries: Sequence[bytes]) -> bytes:
    """Return the body of a PutRecords call. Megabytes: they are copied once."""
    pieces = [b","] * (2 * len(entries) + 1)
    pieces[0] = b'{"StreamName":"%b","Records":[' % stream.encode()
    pieces[1::2] = entries
    pieces[-1] = b"]}"
    return b"".join(pieces)


def refused(entries: Sequence[bytes], answer: bytes) -> Refusal:
    """Return what was not taken. Raises msgspec.MsgspecError or ValueError for an answer that does not fit the call."""
    decoded = _decode_answer(answer)
    if len(decoded.Records) != len(entries):
        raise ValueError("the answer has the wrong number of records")
    if not decoded.FailedRecordCount:
        return Refusal((), "")
    codes = [_decode_result(result).ErrorCode for result in decoded.Records]
    left = [each for each, code in zip(entries, codes, strict=True) if code is not None]
    return Refusal(left, next((code for code in codes if code is not None), ""))
