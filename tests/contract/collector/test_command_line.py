"""The command line: what it prints about a build and a configuration, and its exit codes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
STREAM = {"name": "s", "region": "eu-west-1"}
VALID = {"interface": "::", "port": 1, "streams": {"good": STREAM, "bad": STREAM}, "hsts": {"enable": True}, "p3p": {}}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.collector", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def write(tmp_path: Path, collector: object) -> str:
    file = tmp_path / "collector.json"
    file.write_text(json.dumps({"collector": collector}))
    return str(file)


def test_version_shows_the_build() -> None:
    answer = run("--version")
    assert answer.returncode == 0
    assert re.match(r"snowveil-collector-[0-9.]+-kinesis\nPython 3\.13\.\d+ on \S+, httptools [0-9.]+, ", answer.stdout)


def test_version_shows_the_configuration_that_is_given(tmp_path: Path) -> None:
    answer = run("--version", "--config", write(tmp_path, VALID))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "snowveil-collector" in answer.stdout
    assert "valid, SHA-256 " in answer.stdout


def test_a_valid_configuration_is_described_and_exits_0(tmp_path: Path) -> None:
    file = write(tmp_path, VALID)
    answer = run("--check-config", file)
    assert (answer.returncode, answer.stderr) == (0, "")
    first, serves, switched_on, unused = answer.stdout.splitlines()
    assert re.fullmatch(rf"{re.escape(file)}: valid, SHA-256 [0-9a-f]{{64}}", first)
    assert serves == "  serves :::1, writes s and s"
    assert switched_on == "  on: cookie, HSTS"
    assert unused == "  asks for nothing here: p3p"


@pytest.mark.contract("B.11/refusals")
@pytest.mark.parametrize("option", ["--check-config", "--config"])
def test_a_wrong_configuration_is_one_line_with_file_place_and_remedy_and_exits_2(tmp_path: Path, option: str) -> None:
    file = write(tmp_path, {**VALID, "cookie": {"domain": ["a.org"]}})
    answer = run(option, file)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        f'{file}: $.collector.cookie: Object contains unknown field "domain": correct it (--help shows an example)\n'
    )
