"""S3 and Secrets Manager over HTTP, as much as the pseudonymizer speaks: requests are kept, answers can be set."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Aws:
    """What the function stored, and what it is answered."""

    secret: str | None = None
    storage_fails: bool = False
    secrets_fail: bool = False
    objects: dict[str, bytes] = field(default_factory=dict)
    headers: list[dict[str, str]] = field(default_factory=list)
    secrets_read: int = 0
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(aws: Aws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_PUT(self) -> None:
            body = self._body()
            if aws.storage_fails:
                self._answer(403, b"<Error><Code>AccessDenied</Code></Error>")
                return
            aws.objects[self.path] = body
            aws.headers.append({name.lower(): value for name, value in self.headers.items()})
            self._answer(200)

        def do_POST(self) -> None:
            self._body()
            aws.secrets_read += 1
            if aws.secrets_fail:
                self._answer(400, b'{"__type":"AccessDeniedException"}')
            elif aws.secret is None:
                self._answer(400, b'{"__type":"ResourceNotFoundException"}')
            else:
                self._answer(200, json.dumps({"SecretString": aws.secret}).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
