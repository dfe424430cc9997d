"""The Lambda Runtime API, version 2018-06-01, which a function's process polls for invocations.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import queue
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

# What AWS counts: 6 MiB and a small allowance for the envelope. Its error message names the same number.
MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
_PATH = "/2018-06-01/runtime/"


@dataclass
class Invocation:
    """One call of the function, from the moment it is queued to its result. `payload` and `result` are JSON."""

    request_id: str
    function_arn: str
    trace_id: str
    payload: bytes
    deadline_ms: int
    result: bytes = b""
    is_error: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def finish(self, result: bytes, *, is_error: bool) -> None:
        """Set the result. The first caller wins: a late response does not replace a time-out."""
        with self._lock:
            if not self.done.is_set():
                self.result, self.is_error = result, is_error
                self.done.set()


def error_body(error_type: str, message: str) -> bytes:
    """Word an error as Lambda reports it to the caller."""
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


class RuntimeApi:
    """The API for one process, on a loopback port of its own, from the process's start to its end."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.init_error: bytes | None = None
        self._queue: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._current: Invocation | None = None
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, name="lambda-runtime-api", daemon=True).start()

    @property
    def address(self) -> str:
        """The `host:port` for AWS_LAMBDA_RUNTIME_API."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def submit(self, invocation: Invocation) -> None:
        """Hand the invocation to the process at its next poll."""
        self._current = invocation
        self._queue.put(invocation)

    def close(self) -> None:
        """Stop serving and release the thread that waits on behalf of the process."""
        self._queue.put(None)
        # shutdown() waits for the serving thread's poll; nothing here depends on it.
        threading.Thread(target=self._close_server, daemon=True).start()

    def _close_server(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next_invocation(self) -> Invocation | None:
        """Block until there is an invocation; None when the environment ends."""
        self.ready.set()
        return self._queue.get()

    def fail_init(self, body: bytes) -> None:
        """Take the error of a process that could not load the function."""
        self.init_error = body
        self.ready.set()

    def finish(self, request_id: str, body: bytes, *, is_error: bool) -> bool:
        """Take a result from the process. False when it is over the size limit, which fails the invocation."""
        invocation = self._current
        fits = is_error or len(body) <= MAX_RESPONSE_BYTES
        if invocation is not None and invocation.request_id == request_id:
            if fits:
                invocation.finish(body, is_error=is_error)
            else:
                message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
                invocation.finish(error_body("Function.ResponseSizeTooLarge", message), is_error=True)
        return fits


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, api: RuntimeApi) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write per response
    disable_nagle_algorithm = True

    @property
    def _api(self) -> RuntimeApi:
        return cast("_Server", self.server).api

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

    def do_GET(self) -> None:
        if self.path != f"{_PATH}invocation/next":
            self._reply(404)
            return
        invocation = self._api.next_invocation()
        if invocation is None:
            self.close_connection = True
            self._reply(410)
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        self._reply(200, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self._body()
        match self.path.removeprefix(_PATH).split("/"):
            case ["init", "error"]:
                self._api.fail_init(body)
                self._reply(202)
            case ["invocation", request_id, "response" | "error" as kind]:
                accepted = self._api.finish(request_id, body, is_error=kind == "error")
                self._reply(202 if accepted else 413)
            case _:
                self._reply(404)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(chunks)

    def _reply(self, code: int, body: bytes = b"{}", headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
