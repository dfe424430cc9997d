"""The Makefile says what is missing before it installs anything; each command here runs in a copy of it alone."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
OF_AN_ENVIRONMENT = ["bootstrap", "plan", "apply", "destroy", "output", "drift", "review"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("dev", "production"):
        (tmp_path / "environments" / name).mkdir(parents=True)
        (tmp_path / "environments" / name / "terraform.tfvars").touch()
    return tmp_path


def make(directory: Path, *arguments: str) -> tuple[int, str]:
    """Run make; return its exit code and the first line on standard error."""
    done = subprocess.run(["make", *arguments], cwd=directory, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.partition("\n")[0]


@pytest.mark.parametrize("command", OF_AN_ENVIRONMENT)
def test_without_an_environment_nothing_is_installed(directory: Path, command: str) -> None:
    assert make(directory, command) == (2, f"name the environment: make {command} ENV=dev")
    assert {path.name for path in directory.iterdir()} == {"Makefile", "environments"}


@pytest.mark.parametrize("command", OF_AN_ENVIRONMENT)
def test_an_unknown_environment_is_refused_with_the_known_ones(directory: Path, command: str) -> None:
    code, line = make(directory, command, "ENV=prod")
    assert code == 2
    assert line == "environments/prod/terraform.tfvars is missing; the environments are: dev production"
    assert {path.name for path in directory.iterdir()} == {"Makefile", "environments"}


def test_help_lists_every_command_once_in_a_group_and_aligned() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = done.stdout.strip().splitlines()
    listed = [line.split()[1] for line in lines if line.startswith("  make ")]
    described = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert lines[0] == "Start here"
    assert sorted(listed) == sorted(described)
    assert len(set(listed)) == len(listed)
    columns = {re.match(r"  make [a-z-]+ +", line).end() for line in lines if line.startswith("  make ")}  # type: ignore[union-attr]
    assert len(columns) == 1
    assert [line for line in lines if len(line) > 120] == []
