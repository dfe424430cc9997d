"""The saved plan of an environment, as `terraform show -json` prints it. It is read into memory and never written."""

from __future__ import annotations

from scripts.terraform_runner import lock
from scripts.terraform_runner.environment import Environment, TerraformError
from scripts.terraform_runner.run import Terraform


def show(name: str, *, offline: bool = False) -> bytes:
    """Return the JSON of environment `name`'s saved plan, or of the one made offline. Raises TerraformError."""
    environment = Environment(name, offline=offline)
    if not environment.plan_file.is_file():
        raise TerraformError(_no_plan(environment))
    with lock.exclusive(environment):
        return Terraform(environment).show_plan()


def _no_plan(environment: Environment) -> str:
    name = environment.name
    if environment.offline:
        return f"no plan of {name} was made offline: run `make plan ENV={name} OFFLINE=1` first"
    if Environment(name, offline=True).plan_file.is_file():
        return f"the saved plan of {name} was made offline: run `make review ENV={name} OFFLINE=1`"
    return f"no saved plan of {name}: run `make plan ENV={name}` first"
