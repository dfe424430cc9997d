"""The saved plan of an environment, as `terraform show -json` prints it. It is read into memory and never written."""

from __future__ import annotations

import subprocess

from scripts.terraform import ROOT, Environment, Terraform, TerraformError


def show(name: str) -> bytes:
    """Return the JSON of environment `name`'s saved plan. Raises TerraformError."""
    environment = Environment(name)
    if not environment.plan_file.is_file():
        raise TerraformError(f"no saved plan: run `make plan ENV={name}` first")
    Terraform(environment)
    done = subprocess.run(
        ["terraform", "show", "-json", "-no-color", environment.plan_file],
        cwd=(environment.tree or ROOT) / "terraform",
        capture_output=True,
        check=False,
    )
    if done.returncode:
        # What Terraform prints may quote the plan.
        raise TerraformError(f"terraform cannot show the saved plan of {name}: run `make plan ENV={name}` again")
    return done.stdout
