"""What CI cannot install is one line and no failure."""

import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import doctor
from tools.lint_terraform import TFLINT_VERSION

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / ".ci/install-tools"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH with nothing but what the script itself needs, and the user's id 0."""
    for name in ("bash", "timeout", "env"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    put(tmp_path, "id", "echo 0")
    return tmp_path


def put(machine: Path, name: str, script: str) -> None:
    (machine / name).write_text(f"#!{shutil.which('bash')}\n{script}\n")
    (machine / name).chmod(0o755)


def run(machine: Path) -> list[str]:
    """Run the script, which must end with 0; return the lines on standard error."""
    done = subprocess.run(
        ["bash", str(SCRIPT)], cwd=ROOT, env={"PATH": str(machine)}, capture_output=True, text=True, check=True
    )
    return done.stderr.splitlines()


def test_a_package_that_cannot_be_installed_is_one_line(machine: Path) -> None:
    put(machine, "apt-get", '[[ "$*" != *chromium ]]')
    assert run(machine) == ["not installed: chromium"]


def test_without_debian_the_packages_are_named(machine: Path) -> None:
    assert run(machine) == [
        "not installed: chromium npm openjdk-17-jre-headless prometheus openssl: this is not root on Debian"
    ]


def test_a_machine_that_has_everything_is_left_alone(machine: Path) -> None:
    for name in ("chromium", "npm", "java", "promtool", "openssl"):
        put(machine, name, "exit 0")
    assert run(machine) == []


def test_tflint_is_built_in_the_linters_version_where_go_is(machine: Path) -> None:
    for name in ("chromium", "npm", "java", "promtool", "openssl"):
        put(machine, name, "exit 0")
    (machine / "sed").symlink_to(str(shutil.which("sed")))
    put(machine, "go", f'[[ "$*" = "install github.com/terraform-linters/tflint@v{TFLINT_VERSION}" ]]')
    assert run(machine) == []
    put(machine, "go", "exit 1")
    assert run(machine) == ["not installed: tflint"]


def test_each_program_that_doctor_names_and_debian_has_is_installed() -> None:
    text = SCRIPT.read_text()
    optional = [tool.name for tool in doctor.tools() if "apt-get install" in tool.remedy]
    assert [name for name in optional if f"{name}:" not in text] == []
