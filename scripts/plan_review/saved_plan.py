"""The saved plan of an environment, as `terraform show -json` prints it. It is read into memory and never written."""

from __future__ import annotations

from scripts.terraform_runner.environment import Environment
from scripts.terraform_runner.run import Terraform


def show(name: str) -> bytes:
    """Return the JSON of environment `name`'s saved plan. Raises TerraformError."""
    return Terraform(Environment(name)).show_plan()
