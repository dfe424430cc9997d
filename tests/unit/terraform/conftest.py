"""The offline plan of every environment, made once for all tests of this directory."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.package import DEPLOYABLES
from scripts.terraform_runner.environment import ROOT, Environment
from scripts.terraform_runner.run import Terraform
from tests.unit.terraform.planned import Resources, known

ENVIRONMENTS = sorted(path.parent.name for path in ROOT.glob("environments/*/terraform.tfvars"))


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What plans take for the packages: files of their names."""
    directory = tmp_path_factory.mktemp("packages")
    for deployable in DEPLOYABLES:
        for architecture in ("arm64", "x86_64"):
            (directory / f"{deployable.name}-{architecture}.{deployable.suffix}").write_bytes(b"not built here")
    return directory


@pytest.fixture(scope="session", params=ENVIRONMENTS)
def resources(request: pytest.FixtureRequest, packages: Path) -> Iterator[Resources]:
    """The planned values of every managed resource of an environment, by address; UNKNOWN until it is applied."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name, raising=False)
        for name in ("TF_DATA_DIR", "TF_CLI_CONFIG_FILE", "TF_IN_AUTOMATION", "AWS_EC2_METADATA_DISABLED"):
            patch.setenv(name, "")  # restored afterwards
        environment = Environment(request.param, offline=True, packages=packages)
        terraform = Terraform(environment)
        terraform.init()
        changes, _ = terraform.plan()
        assert changes
        plan = json.loads(terraform.show_plan())
        yield {
            change["address"]: {
                "type": change["type"],
                **known(change["change"]["after"], change["change"]["after_unknown"]),
            }
            for change in plan["resource_changes"]
            if change["mode"] == "managed"
        }
