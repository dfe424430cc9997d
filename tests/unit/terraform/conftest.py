"""The offline plan of every environment, made once in a run for all tests that read it."""

from pathlib import Path

import pytest

from scripts.terraform_runner.environment import ROOT
from tests.fixtures.offline_plan import make_packages, shared_plan
from tests.unit.terraform.planned import Resources, changed_resources

ENVIRONMENTS = sorted(path.parent.name for path in ROOT.glob("environments/*/terraform.tfvars"))


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The directory of the packages that a plan of the test's own uploads."""
    return make_packages(tmp_path / "packages")


@pytest.fixture(scope="session", params=ENVIRONMENTS)
def resources(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Resources:
    """The planned values of every managed resource of an environment, by address; UNKNOWN until it is applied."""
    return changed_resources(shared_plan(tmp_path_factory, str(request.param)))
