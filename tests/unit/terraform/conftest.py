"""The offline plan of every environment, made once in a run for all tests of this directory."""

import json
from pathlib import Path

import pytest

from scripts.package import DEPLOYABLES
from scripts.terraform_runner.environment import ROOT, Environment
from scripts.terraform_runner.run import Terraform
from tests.fixtures.made_once import made_once
from tests.unit.terraform.planned import Resources, changed_resources

ENVIRONMENTS = sorted(path.parent.name for path in ROOT.glob("environments/*/terraform.tfvars"))


def make_packages(directory: Path) -> Path:
    """Return `directory` with what plans take for the packages: files of their names."""
    directory.mkdir()
    for deployable in DEPLOYABLES:
        for architecture in ("arm64", "x86_64"):
            (directory / f"{deployable.name}-{architecture}.{deployable.suffix}").write_bytes(b"not built here")
    return directory


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The directory of the packages that a plan of the test's own uploads."""
    return make_packages(tmp_path / "packages")


def plan(name: str, directory: Path) -> Resources:
    """Plan an environment offline in `directory`; returns the planned values by address."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(variable, raising=False)
        for variable in ("TF_DATA_DIR", "TF_CLI_CONFIG_FILE", "TF_IN_AUTOMATION", "AWS_EC2_METADATA_DISABLED"):
            patch.setenv(variable, "")  # restored afterwards
        packages = make_packages(directory / "packages")
        terraform = Terraform(Environment(name, offline=True, packages=packages, scratch=directory))
        terraform.init()
        changes, _ = terraform.plan()
        assert changes
        return changed_resources(json.loads(terraform.show_plan()))


@pytest.fixture(scope="session", params=ENVIRONMENTS)
def resources(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Resources:
    """The planned values of every managed resource of an environment, by address; UNKNOWN until it is applied."""
    name = str(request.param)
    planned: Resources = made_once(tmp_path_factory, f"plan-{name}", lambda place: plan(name, place))
    return planned
