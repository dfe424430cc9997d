"""A spill directory that takes no files is refused before anything is served."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.collector.config import machine
from services.collector.config.file import convert
from services.collector.errors import ConfigError

ROOT = Path(__file__).parents[4]
STREAMS = {name: {"name": name, "region": "eu-west-1"} for name in ("good", "bad")}


def check(directory: Path) -> None:
    collector: dict[str, Any] = {
        "interface": "::",
        "port": 1,
        "streams": STREAMS,
        "spill": {"directory": str(directory)},
    }
    machine.check(convert({"collector": collector}), Path("collector.json"))


@pytest.mark.parametrize("below", ["", "spill", "a/b/c"])
def test_directory_that_can_be_made_and_written_is_accepted_and_left_as_it_was(tmp_path: Path, below: str) -> None:
    check(tmp_path / below)
    assert list(tmp_path.iterdir()) == []


def test_directory_in_use_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "1.segment").touch()
    check(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["good", "1.segment"]


@pytest.mark.parametrize("path", ["file", "file/below", "dangling", "with-file"])
def test_directory_that_takes_no_files_is_refused_with_its_name(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "with-file").mkdir()
    (tmp_path / "with-file" / "bad").touch()  # where the other stream's spill would be
    with pytest.raises(ConfigError, match=rf"spill\.directory: {tmp_path}/{path} takes no files \(.*set a directory"):
        check(tmp_path / path)


def test_directory_on_a_file_system_without_files_is_refused() -> None:
    with pytest.raises(ConfigError, match="takes no files"):
        check(Path("/proc/spill"))


@pytest.fixture
def another_users(tmp_path: Path) -> Iterator[Path]:
    """A directory that this process may not write to: root, as whom CI runs, becomes nobody (65534) for the test."""
    tmp_path.chmod(0o500)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    yield tmp_path
    os.seteuid(was)


def test_directory_of_another_user_is_refused(another_users: Path) -> None:
    with pytest.raises(ConfigError, match=r"takes no files \(Permission denied\)"):
        check(another_users / "spill")


ALLOW = """
import resource
from services.collector.config import machine
for connections in (50, 300, 1000):
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 512))
    print(connections, machine.allow_connections(connections), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def test_open_files_are_allowed_for_the_connections_as_far_as_the_machine_does() -> None:
    ended = subprocess.run([sys.executable, "-c", ALLOW], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines() == ["50 50 128", "300 300 364", "1000 448 512"]
    assert "1000 connections need more open files than the hard limit allows; 448 are served" in ended.stderr
