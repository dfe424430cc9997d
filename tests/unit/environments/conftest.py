"""Checkouts to work on, and what a command that was refused said last."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import plan
from scripts.terraform_runner import environment, plan_record, run, unknown_names
from tests.fixtures.made_once import made_once
from tests.unit.environments.checkout import Checkout


def use(patch: pytest.MonkeyPatch, root: Path) -> None:
    """Let the scripts work on the checkout in `root` with no credentials."""
    for name in ("TF_DATA_DIR", "TF_CLI_CONFIG_FILE", "TF_IN_AUTOMATION"):
        patch.setenv(name, "")  # restored afterwards
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for module in (environment, plan_record, run, unknown_names):
        patch.setattr(module, "ROOT", root)
    for module in (environment, plan_record):
        patch.setattr(module, "BUILD", root / "build")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    made = Checkout(tmp_path)
    made.create()
    use(monkeypatch, tmp_path)
    return made


def make_planned(directory: Path) -> str:
    made = Checkout(directory)
    made.create()
    with pytest.MonkeyPatch.context() as patch:
        use(patch, made.root)
        for name in ("dev", "production"):
            assert plan.main(["--env", name]) == 0
    return str(made.root)


@pytest.fixture
def planned(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """The checkout with a saved plan of dev and of production."""
    shutil.copytree(
        made_once(tmp_path_factory, "planned-checkout", make_planned), tmp_path, dirs_exist_ok=True, symlinks=True
    )
    use(monkeypatch, tmp_path)
    return Checkout(tmp_path)


@pytest.fixture
def refusal(capfd: pytest.CaptureFixture[str]) -> Callable[[int], str]:
    """Return the last line on standard error of a command that must have failed."""

    def last_line(code: int) -> str:
        assert code == 1
        return capfd.readouterr().err.rstrip().splitlines()[-1]

    return last_line
