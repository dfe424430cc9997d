"""How the supervisor replaces and stops workers, with a small program in the worker's place."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import override

import pytest
import uvloop

from services.collector import supervisor
from services.collector.config.settings import Collector
from services.collector.supervisor import Supervisor

# Its arguments: a directory, then the worker's own. The first one dies as soon as `die` is there; each later one notes
# that it runs, ends when its standard input does, and notes that too.
WORKER = """\
import pathlib, sys, time
directory = pathlib.Path(sys.argv[1])
print("{}", flush=True)
try:
    (directory / "first").touch(exist_ok=False)
except FileExistsError:
    with (directory / "later").open("a") as log:
        log.write("started\\n")
        log.flush()
        sys.stdin.read()
        log.write("stopped\\n")
    sys.exit(0)
while not (directory / "die").exists():
    time.sleep(0.01)
sys.exit(9)
"""


class OnLog(logging.Handler):
    """Calls back within the logging of a message that holds the text."""

    def __init__(self, text: str, call: Callable[[], None]) -> None:
        super().__init__()
        self._text, self._call = text, call

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if self._text in record.getMessage():
            self._call()


@pytest.fixture
def one_worker(config: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.setattr(supervisor, "_WORKER", [sys.executable, "-c", WORKER, str(tmp_path)])
    file = tmp_path / "collector.json"
    file.write_text(json.dumps({}))
    return Supervisor(with_port(config, 0), file)


def with_port(config: Collector, port: int) -> Collector:
    return Collector(interface=config.interface, port=port, streams=config.streams, workers=1)


def run_with(supervised: Supervisor, text: str, call: Callable[[], None]) -> bool:
    """Run until the supervisor ends; `call` when it logs a message with the text."""
    handler, log = OnLog(text, call), logging.getLogger(supervisor.__name__)
    log.addHandler(handler)
    log.setLevel(logging.INFO)

    async def run() -> bool:
        async with asyncio.timeout(60):
            return await supervised.run()

    try:
        return uvloop.run(run())
    finally:
        log.removeHandler(handler)


def test_stop_before_a_dead_worker_is_replaced_runs_one_more_that_stores_what_is_left(
    one_worker: Supervisor, tmp_path: Path
) -> None:
    (tmp_path / "die").touch()
    # The death is logged just before the wait begins, so the stop always comes before the replacement runs.
    assert run_with(one_worker, "starting another", one_worker._stop)
    assert (tmp_path / "later").read_text() == "started\nstopped\n"


def test_worker_that_dies_while_stopping_is_reported_and_not_replaced(one_worker: Supervisor, tmp_path: Path) -> None:
    def stop_and_let_it_die() -> None:
        one_worker._stop()
        (tmp_path / "die").touch()

    assert not run_with(one_worker, "serves port", stop_and_let_it_die)
    assert not (tmp_path / "later").exists()


def test_serving_is_logged_only_after_every_worker_accepts(
    one_worker: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    silent = WORKER.replace('print("{}", flush=True)', "")
    monkeypatch.setattr(supervisor, "_WORKER", [sys.executable, "-c", silent, str(tmp_path)])
    (tmp_path / "die").touch()
    assert run_with(one_worker, "starting another", one_worker._stop)
    assert "serves port" not in caplog.text
    assert "starting another" in caplog.text
