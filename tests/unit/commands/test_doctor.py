import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import doctor

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that has only what a test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(machine: Path, name: str, version: str) -> None:
    program = machine / name
    program.write_text(f"#!{sys.executable}\nimport sys\nprint({version!r}, file=sys.stderr)\n")
    program.chmod(0o755)


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str | bool | None]]:
    return {each["name"]: each for each in json.loads(capsys.readouterr().out)}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["doctor", *arguments])
    return doctor.main()


def test_an_empty_machine_lacks_every_program_and_each_has_a_remedy(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(machine.iterdir()) == []
    assert run(monkeypatch) == 1
    text = capsys.readouterr().out
    for tool in doctor.tools():
        assert f"{tool.name:<10} missing: {tool.remedy}\n{'':<20}needed by: {tool.needed_by}\n" in text


def test_what_demo_and_tests_need_is_enough_and_the_rest_is_listed(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(machine, "terraform", f"Terraform v{'.'.join(map(str, doctor.pinned_terraform()))}\non linux_amd64")
    put(machine, "java", 'openjdk version "21.0.5" 2024-10-15')
    assert run(monkeypatch, "--json") == 0
    found = findings(capsys)
    assert found["java"]["version"] == "21.0.5"
    assert found["terraform"]["problem"] is found["java"]["problem"] is None
    assert str(found["chromium"]["problem"]).startswith("missing: ")


@pytest.mark.parametrize("version", ["Terraform v1.10.5", "Terraform v1.11.3"])
def test_an_older_terraform_is_too_old(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    put(machine, "terraform", version)
    assert run(monkeypatch, "--json") == 1
    assert "is too old" in str(findings(capsys)["terraform"]["problem"])


def test_a_newer_terraform_is_enough_for_demo_and_offline_plans(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(machine, "terraform", "Terraform v1.99.0")
    put(machine, "java", 'openjdk version "17.0.15"')
    assert run(monkeypatch, "--json") == 0
    assert "not for plan and apply" in str(findings(capsys)["terraform"]["note"])


def test_the_command_runs_before_anything_is_installed() -> None:
    """No module but Python's own: `-S` leaves out what is installed, `-I` the shell's PYTHONPATH."""
    code = "import runpy, sys; sys.path.insert(0, '.'); sys.argv = ['doctor', '--json']; runpy.run_module('scripts.doctor', run_name='__main__')"  # noqa: E501
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout)[0]["name"] == "python3", done.stderr
