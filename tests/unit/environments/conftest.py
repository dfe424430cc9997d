"""A small checkout with two environments and nothing but Terraform's built-in resource: real, and fast."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import plan, terraform

MAIN = """
terraform {
  backend "local" {}
}

variable "environment" {
  type = string
}

variable "version_of_it" {
  type = string
}

resource "terraform_data" "stream" {
  for_each         = toset(["raw-good", "raw-bad"])
  triggers_replace = var.version_of_it
  input            = "secret-${var.version_of_it}"
}
"""


class Checkout:
    """A repository with terraform/, environments/ and build/."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root / "build/collector-arm64.tar.gz"

    def create(self) -> None:
        self.write("terraform/main.tf", MAIN)
        self.write(".gitignore", "/build/\n/states/\n")
        for name in ("dev", "production"):
            self.write(f"environments/{name}/backend.hcl", f'path = "../states/{name}.tfstate"\n')
            self.set_version("1", name)
        shutil.copy(terraform.ROOT / ".terraform-version", self.root)
        self.write("build/collector-arm64.tar.gz", "one")
        self.git("init", "--quiet")
        self.commit()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def set_version(self, version: str, name: str = "dev") -> None:
        """A change replaces both resources of the environment."""
        self.write(f"environments/{name}/terraform.tfvars", f'environment   = "{name}"\nversion_of_it = "{version}"\n')

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--allow-empty", "--message", "test")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True)


def use(patch: pytest.MonkeyPatch, root: Path) -> None:
    """Let the scripts work on the checkout in `root` with no credentials."""
    for name in ("TF_DATA_DIR", "TF_CLI_CONFIG_FILE", "TF_IN_AUTOMATION"):
        patch.setenv(name, "")  # restored afterwards
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    patch.setattr(terraform, "ROOT", root)
    patch.setattr(terraform, "BUILD", root / "build")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    made = Checkout(tmp_path)
    made.create()
    use(monkeypatch, tmp_path)
    return made


@pytest.fixture(scope="session")
def planned_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Checkout(tmp_path_factory.mktemp("planned"))
    made.create()
    with pytest.MonkeyPatch.context() as patch:
        use(patch, made.root)
        for name in ("dev", "production"):
            assert plan.main(["--env", name]) == 0
    return made.root


@pytest.fixture
def planned(planned_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """The checkout with a saved plan of dev and of production."""
    shutil.copytree(planned_once, tmp_path, dirs_exist_ok=True, symlinks=True)
    use(monkeypatch, tmp_path)
    return Checkout(tmp_path)


@pytest.fixture
def refusal(capfd: pytest.CaptureFixture[str]) -> Callable[[int], str]:
    """Return the last line on standard error of a command that must have failed."""

    def last_line(code: int) -> str:
        assert code == 1
        return capfd.readouterr().err.rstrip().splitlines()[-1]

    return last_line
