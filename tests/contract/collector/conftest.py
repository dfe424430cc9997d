"""The real collector process on a free port of the loopback, in front of the Kinesis stand-in."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scripts.rehearsal.ports import free_port
from tests.fixtures.kinesis_stand_in import KinesisStandIn
from wire.collector_payload import CollectorPayload, decode

ROOT = Path(__file__).resolve().parents[3]
# In every process of the collector everything is logged, so that a test may look for what must not be.
LOG_ALL = "import logging; logging.basicConfig(level=logging.DEBUG); logging.debug('all is logged')"


@dataclass
class Answer:
    """A response; header names are lower-case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, f"{name} came {len(values)} times"
        return values[0] if values else None


@dataclass
class CollectorProcess:
    process: subprocess.Popen[bytes]
    port: int
    kinesis: KinesisStandIn
    log_file: Path
    seen: int = field(default=0)

    def request(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(method, target, body, dict(headers or {}))
        response = connection.getresponse()
        answer = Answer(
            response.status, [(name.lower(), value) for name, value in response.getheaders()], response.read()
        )
        connection.close()
        return answer

    def raw(self, message: bytes) -> bytes:
        """Send bytes and return all that comes until the collector closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=120) as client:
            client.sendall(message)
            return b"".join(iter(lambda: client.recv(65536), b""))

    def wait_for_answer(self, target: str, status: int, timeout: float = 120) -> None:
        """Return when a GET has that status. Raises AssertionError."""
        end_of_wait = time.monotonic() + timeout
        while self.request("GET", target).status != status:
            assert time.monotonic() < end_of_wait, f"GET {target} is not {status} after {timeout} s"
            time.sleep(0.01)

    def is_listening(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except ConnectionRefusedError:
            return False
        return True

    def payloads(self, count: int) -> list[CollectorPayload]:
        """Wait for `count` records on the good stream since the last call, and return them."""
        self.kinesis.wait_for(self.seen + count, "good")
        records = self.kinesis.of("good")[self.seen :]
        self.seen += len(records)
        assert len(records) == count
        return [decode(record) for record in records]

    def payloads_so_far(self) -> list[CollectorPayload]:
        """Return the records that came to the good stream since the last call."""
        records = self.kinesis.of("good")[self.seen :]
        self.seen += len(records)
        return [decode(record) for record in records]

    def terminate(self) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def wait_for_log(self, text: str, count: int = 1, timeout: float = 120) -> None:
        """Return when `count` lines hold the text. Raises AssertionError, also when the process has ended before."""
        end_of_wait = time.monotonic() + timeout
        while sum(text in line for line in self.log().splitlines()) < count:
            assert self.process.poll() is None, f"the collector ended: {self.log()}"
            assert time.monotonic() < end_of_wait, f"no {text!r} in {self.log()}"
            time.sleep(0.01)


type StartCollector = Callable[..., CollectorProcess]


@pytest.fixture(scope="module")
def start_collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartCollector]:
    """Start collectors, each with a stand-in of its own; `settings` are merged into the configuration."""
    with ExitStack() as stack:

        def start(kinesis_is_up: bool = True, **settings: Any) -> CollectorProcess:
            kinesis = KinesisStandIn()
            if kinesis_is_up:
                kinesis.up()
            stack.callback(kinesis.down)
            directory = tmp_path_factory.mktemp("collector")
            port = free_port()
            buffer = {"timeLimit": 20}
            config = {
                "interface": "127.0.0.1",
                "port": port,
                "workers": 1,
                "preTerminationPeriod": "10 milliseconds",
                "streams": {
                    "good": {"name": "good", "region": "eu-west-1", "buffer": buffer},
                    "bad": {"name": "bad", "region": "eu-west-1", "buffer": buffer},
                },
                **settings,
            }
            file = directory / "collector.json"
            file.write_text(json.dumps({"collector": config}))
            log_file = directory / "log"
            (directory / "sitecustomize.py").write_text(LOG_ALL)
            with log_file.open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "services.collector", "--config", str(file)],
                    cwd=ROOT,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={
                        **os.environ,
                        "PYTHONPATH": str(directory),
                        "AWS_ENDPOINT_URL": kinesis.endpoint,
                        "AWS_ACCESS_KEY_ID": "test",
                        "AWS_SECRET_ACCESS_KEY": "test",
                    },
                )
            stack.callback(end, process)
            collector = CollectorProcess(process, port, kinesis, log_file)
            collector.wait_for_log("serves port")
            return collector

        yield start


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def collector(start_collector: StartCollector) -> CollectorProcess:
    """One collector with defaults, shared by the tests of a module."""
    return start_collector(
        cookie={"domains": ["example.org"]}, paths={"/com.acme/track": "/com.snowplowanalytics.snowplow/tp2"}
    )
