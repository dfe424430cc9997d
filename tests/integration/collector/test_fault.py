"""Kinesis refuses everything under load, then the collector is killed, then it starts again: nothing is lost.

`FAULT_SECONDS` says for how long Kinesis refuses (`make fault-collector`: 60).
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from scripts.rehearsal.ports import free_port
from tests.fixtures.kinesis_stand_in import KinesisStandIn
from wire.collector_payload import decode

ROOT = Path(__file__).resolve().parents[3]
SECONDS = float(os.environ.get("FAULT_SECONDS", "3"))
SENDERS = 4


def write_config(directory: Path) -> Path:
    port, metrics_port = free_port(), free_port()
    buffer = {"timeLimit": 50}
    streams = {name: {"name": name, "region": "eu-west-1", "buffer": buffer} for name in ("good", "bad")}
    file = directory / "collector.json"
    spill = {"directory": str(directory / "spill")}
    config = {"interface": "127.0.0.1", "port": port, "workers": 2, "spill": spill, "streams": streams}
    file.write_text(
        json.dumps({"collector": {**config, "preTerminationPeriod": "10 ms", "metrics": {"port": metrics_port}}})
    )
    return file


@contextmanager
def collector(file: Path, kinesis: KinesisStandIn) -> Iterator[subprocess.Popen[bytes]]:
    environment = {"AWS_ENDPOINT_URL": kinesis.endpoint, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    with (file.parent / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.collector", "--config", str(file)],
            cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def port_of(file: Path) -> int:
    return int(json.loads(file.read_text())["collector"]["port"])


def send(sender: int, port: int, stop: Event) -> list[str]:
    """Send numbered events until told to stop; return those that were acknowledged. What failed is sent again."""
    acknowledged: list[str] = []
    connection: http.client.HTTPConnection | None = None
    number = 0
    while not stop.is_set():
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            connection.request("GET", f"/i?n={sender}.{number}")
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            connection = None
            stop.wait(0.02)
            continue
        if response.status == 200:
            acknowledged.append(f"n={sender}.{number}")
            number += 1
            if number % 20 == 0:  # a connection stays with one worker, and each must get some
                connection.close()
                connection = None
        else:
            assert response.status == 503
            stop.wait(0.02)
    return acknowledged


def is_sink_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", "/sink-health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def wait_until_healthy(port: int) -> None:
    end = time.monotonic() + 240
    while not is_sink_healthy(port):
        assert time.monotonic() < end
        time.sleep(0.02)


def queries(kinesis: KinesisStandIn) -> list[str]:
    return [decode(record).querystring or "" for record in kinesis.of("good")]


def test_nothing_acknowledged_is_lost_when_kinesis_refuses_and_the_collector_is_killed(tmp_path: Path) -> None:
    file = write_config(tmp_path)
    port, stop = port_of(file), Event()
    with KinesisStandIn() as kinesis, ThreadPoolExecutor(SENDERS) as pool:
        with collector(file, kinesis) as first:
            wait_until_healthy(port)
            sending: list[Future[list[str]]] = [pool.submit(send, each, port, stop) for each in range(SENDERS)]
            try:
                kinesis.wait_for(100)
                kinesis.refuse_calls = True
                Event().wait(SECONDS)
                assert not is_sink_healthy(port)
                os.killpg(first.pid, signal.SIGKILL)
                first.wait()
                stored_before = len(kinesis.of("good"))
            finally:
                stop.set()
        acknowledged = [query for each in sending for query in each.result(120)]
        on_disk = sum(path.stat().st_size for path in tmp_path.glob("spill/*/*"))
        assert len(acknowledged) > stored_before
        with collector(file, kinesis) as second:
            kinesis.refuse_calls = False
            wait_until_healthy(port)
            second.send_signal(signal.SIGTERM)
            assert second.wait(120) == 0
        found = Counter(queries(kinesis))
        duplicates = sorted(query for query, count in found.items() if count > 1)
        unanswered = set(found) - set(acknowledged)
        print(
            f"\nrefused for {SECONDS:g} s: {len(acknowledged)} acknowledged, {stored_before} stored before, "
            f"{on_disk / 1e6:.1f} MB on disk at the kill, {len(found)} stored at the end, "
            f"{len(set(acknowledged) - set(found))} lost, {len(unanswered)} stored without an answer, "
            f"{len(duplicates)} twice: {duplicates[:20]}"
        )
        assert set(acknowledged) <= set(found)
        # Each sender had at most one request without an answer when the process was killed.
        assert len(unanswered) <= SENDERS
        assert list(tmp_path.glob("spill/*/*")) == []


def samples(metrics_port: int) -> dict[str, float]:
    connection = http.client.HTTPConnection("127.0.0.1", metrics_port, timeout=120)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_killed_worker_is_replaced_and_its_spill_is_replayed(tmp_path: Path) -> None:
    file = write_config(tmp_path)
    port, stop = port_of(file), Event()
    metrics_port = json.loads(file.read_text())["collector"]["metrics"]["port"]
    good = 'snowplow_collector_%s{stream="good"}'
    with KinesisStandIn() as kinesis, ThreadPoolExecutor(SENDERS) as pool, collector(file, kinesis) as parent:
        wait_until_healthy(port)
        kinesis.refuse_calls = True
        sending = [pool.submit(send, each, port, stop) for each in range(SENDERS)]
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        assert len(children) == 2
        try:
            while not list(tmp_path.glob(f"spill/good/*-{children[0]}.segment")):
                assert not stop.wait(0.02)
        finally:
            stop.set()
        acknowledged = {query for each in sending for query in each.result(120)}
        while True:
            found = samples(metrics_port)
            counted = sum(value for name, value in found.items() if "requests_count" in name)
            if counted >= len(acknowledged) and found[good % "sink_held_bytes"] == 0:
                break
            Event().wait(0.05)
        assert found[good % "sink_spilled_records_total"] >= len(acknowledged)
        assert found[good % "sink_records_total"] == 0
        assert found[good % "sink_unhealthy_workers"] >= 1
        assert found["snowplow_collector_spill_bytes"] > 0
        os.kill(int(children[0]), signal.SIGKILL)
        kinesis.refuse_calls = False
        kinesis.wait_for(len(acknowledged), timeout=240)
        # The parent has to have seen the death, or it could not tell it from one in the middle of stopping.
        while "starting another" not in (file.parent / "log").read_text():
            Event().wait(0.01)
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(240) == 0
        assert acknowledged <= set(queries(kinesis))
    log = (file.parent / "log").read_text()
    assert "ended with -9: starting another" in log
    last = next(json.loads(line) for line in reversed(log.splitlines()) if line.startswith('{"_aws"'))
    assert last["requests_count"] == counted
