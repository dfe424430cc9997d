"""Answers over HTTP, bounded in size and in time."""

import time

import urllib3

_CHUNK = 1 << 16


def read(answer: urllib3.BaseHTTPResponse, most: int, seconds: float) -> bytes:
    """Return the body's first `most` bytes and one more, if there are that many.

    Raises urllib3's HTTPError, also when it takes longer than `seconds`: a byte every few seconds is not a time-out of
    the connection.
    """
    ends, body = time.monotonic() + seconds, b""
    while len(body) <= most and (chunk := answer.read1(_CHUNK)):
        body += chunk
        if time.monotonic() > ends:
            answer.close()
            raise urllib3.exceptions.TimeoutError
    return body[: most + 1]
