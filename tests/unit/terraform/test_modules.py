import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.terraform_runner import workspace
from scripts.terraform_runner.environment import ROOT

MODULES = sorted(path.name for path in (ROOT / "modules").iterdir())


def run_tests(directory: Path) -> str:
    """Return what `terraform test` of a module says, "" when all of it passes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_DATA"))}
    for command in (["init", "-backend=false"], ["test"]):
        done = subprocess.run(
            ["terraform", *command, "-no-color"],
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return done.stdout + done.stderr
    return ""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the modules, so that a run leaves no lock file behind."""
    directory = tmp_path_factory.mktemp("modules")
    shutil.copytree(ROOT / "modules", directory / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TF_CLI_CONFIG_FILE", "")  # restored afterwards
        workspace.use_provider_mirror(directory)
        yield directory / "modules"


@pytest.mark.timeout(900)  # a plan for each run, of which the largest modules have thirty
@pytest.mark.parametrize("module", MODULES)
def test_terraform_tests_of_the_module_pass(modules: Path, module: str) -> None:
    assert list((ROOT / "modules" / module / "tests").glob("*.tftest.hcl")), f"modules/{module} has no test"
    failure = run_tests(modules / module)
    assert not failure, failure


@pytest.mark.parametrize("module", MODULES)
def test_module_is_laid_out_like_every_other(module: str) -> None:
    directory = ROOT / "modules" / module
    files = {path.name for path in directory.iterdir() if path.is_file()}
    assert {"README.md", "main.tf", "outputs.tf", "variables.tf", "versions.tf"} <= files
    for path in directory.glob("*.tf"):
        assert len(path.read_text().splitlines()) <= 150, f"{path} is longer than a screen or two"


def test_no_configuration_names_the_latest_version_of_anything() -> None:
    for path in (*ROOT.glob("modules/*/*.tf"), *ROOT.glob("terraform/*.tf")):
        code = "\n".join(line for line in path.read_text().splitlines() if "description" not in line)
        assert '"$Latest"' not in code, path
        assert '"$LATEST"' not in code, path
