"""Answers are read as far as they may go, and no longer than they may take."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3

from services.enricher.support import http


@contextmanager
def answering(body: bytes, length: int) -> Iterator[str]:
    """Announce a length, send a body, and keep the connection open."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            for byte in body:
                self.wfile.write(bytes([byte]))
            ended.wait()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


def asked(uri: str) -> urllib3.BaseHTTPResponse:
    return urllib3.PoolManager(retries=False).request("GET", uri, preload_content=False)


@pytest.mark.parametrize(("most", "read"), [(5, b"hello"), (4, b"hello"), (3, b"hell"), (9, b"hello")])
def test_one_byte_more_than_may_be_is_read(most: int, read: bytes) -> None:
    with answering(b"hello", 5) as uri:
        assert http.read(asked(uri), most, 60) == read


def test_an_answer_that_goes_on_for_too_long_is_a_time_out() -> None:
    with answering(b"hello", 10) as uri, pytest.raises(urllib3.exceptions.TimeoutError):
        http.read(asked(uri), 10, 0)
