"""The processes of the collector's benchmarks (a server, the counting Kinesis, load), and what they use."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.rehearsal.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
_CONNECTIONS = 64


def processes(root: int) -> list[int]:
    """Return the process and its children."""
    children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    return [root, *map(int, children)]


def cpu_seconds(pids: list[int]) -> float:
    """Return user and system time of the processes together, all their threads."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def resident_mb(pids: list[int]) -> float:
    """Return the resident memory of the processes together."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def kinesis() -> Iterator[int]:
    """Run the counting Kinesis; its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.bench.collector_kinesis"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None  # noqa: S101  # it is a pipe, which the types do not say
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def stored(port: int) -> int:
    """Return how many records the counting Kinesis took."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        return int(json.load(answer)["records"])


@contextmanager
def server(kind: str, workers: int, kinesis_port: int) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a server; its process and port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "tools.bench.collector_servers", kind, "127.0.0.1", str(port), str(workers)]
        environment = os.environ | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{kinesis_port}"}
        if kind == "collector":
            file = Path(scratch) / "collector.json"
            file.write_text(json.dumps({"collector": _config(port, workers)}))
            command = [sys.executable, "-m", "services.collector", "--config", str(file)]
            environment |= {
                "AWS_ACCESS_KEY_ID": "bench",
                "AWS_SECRET_ACCESS_KEY": "bench",  # of the loopback, which checks none
            }
        with (Path(scratch) / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_it_listens(process, port, Path(scratch) / "log")
            yield process, port
        finally:
            # The collector has something to store; the others fork and hold nothing.
            for pid in () if kind == "collector" else reversed(processes(process.pid)):
                os.kill(pid, signal.SIGKILL)
            process.terminate()
            process.wait(60)


def _config(port: int, workers: int) -> dict[str, object]:
    stream = {"name": "bench", "region": "eu-west-1", "buffer": {"timeLimit": 500}}
    return {
        "interface": "127.0.0.1",
        "port": port,
        "workers": workers,
        "preTerminationPeriod": "10 milliseconds",
        "streams": {"good": stream, "bad": stream},
    }


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(1000):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            if process.poll() is not None:
                raise RuntimeError(log.read_text()) from None
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("no server after 20 s")


def answered(results: list[dict[str, Any]]) -> int:
    """Return how many requests had status 200."""
    return sum(result["statuses"].get("200", 0) for result in results)


def load(port: int, request: str, seconds: float, generators: int, rate: float | None = None) -> list[dict[str, Any]]:
    """Send requests from as many processes, as fast as they are answered or `rate` a second; what each printed."""
    command = [sys.executable, "-m", "tools.bench.collector_load", "127.0.0.1", str(port), request, str(seconds)]
    command += [str(_CONNECTIONS // generators)] + ([] if rate is None else [str(_CONNECTIONS / rate)])
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(generators)]
    return [json.loads(process.communicate()[0]) for process in started]
