import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts import demo, localstack

type Processes = tuple[subprocess.Popen[str], subprocess.Popen[str]]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """A program of this clone's demo and one of another clone's, both running."""
    with ExitStack() as stack:
        started = []
        for clone in ("ours", "theirs"):
            config = tmp_path / clone / "instances/collector/etc/snowveil/collector.json"
            command = [sys.executable, "-c", "print('up', flush=True); input()", "--config", str(config)]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            stack.callback(process.communicate)
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            started.append(process)
        yield started[0], started[1]


def test_down_stops_what_this_clone_left_running_and_nothing_else(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = processes
    monkeypatch.setattr(localstack, "STATE_DIR", tmp_path / "ours")
    monkeypatch.setattr(demo, "KEPT", tmp_path / "kept.json")
    demo.KEPT.write_text(json.dumps([ours.pid, theirs.pid]))  # a pid of ours was given to theirs since
    assert demo.down()
    assert ours.wait(120) == -signal.SIGTERM
    assert theirs.poll() is None
    assert not demo.down()
