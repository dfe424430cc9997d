"""One environment: the files it is made of, and the paths of what is generated for it.

`Environment("dev")` reads `environments/dev`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
BOOTSTRAP = "terraform/bootstrap"
LOCALSTACK = "localstack"


class TerraformError(Exception):
    """Terraform, or what it needs, failed; the text is one line with the remedy, `exit_code` the command's."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment by its directory's name under environments/.

    `offline` plans with no backend, no credentials and no state. `packages` is the directory of what scripts/package.py
    built; only an offline plan may have another than build/. `root` is the root module's directory. `scratch` takes
    everything that is generated, instead of build/: two processes never share it (tests have one each).
    """

    name: str
    offline: bool = False
    packages: Path | None = None
    root: str = "terraform"
    plan_name: str = "tfplan"
    scratch: Path | None = None

    def __post_init__(self) -> None:
        if not self.tfvars.is_file():
            known = ", ".join(sorted(path.parent.name for path in ROOT.glob("environments/*/terraform.tfvars")))
            raise TerraformError(f"environments/{self.name}/terraform.tfvars is missing; the environments are: {known}")

    @property
    def directory(self) -> Path:
        """What is particular to the environment."""
        return ROOT / "environments" / self.name

    @property
    def tfvars(self) -> Path:
        """Values of the root module's variables."""
        return self.directory / "terraform.tfvars"

    @property
    def backend(self) -> Path:
        """Where the state is: bucket, key, region, lock."""
        return self.directory / "backend.hcl"

    @property
    def build(self) -> Path:
        """Everything that is generated for the environment."""
        kinds = ("offline-" if self.offline else "") + ("bootstrap-" if self.bootstraps else "")
        return (self.scratch or BUILD) / f"{kinds}{self.name}"

    @property
    def package_directory(self) -> Path:
        """Where the packages lie that the plan uploads."""
        return self.packages or BUILD

    @property
    def bootstraps(self) -> bool:
        """Whether this is about the bucket of the states, not about what is in it."""
        return self.root == BOOTSTRAP

    @property
    def throwaway(self) -> bool:
        """Whether nothing that is planned here reaches an account of AWS."""
        return self.offline or self.name == LOCALSTACK

    @property
    def overrides(self) -> Path:
        """Override files of the environment: only localstack has any (docs/adr/0003-prevent-destroy.md)."""
        return self.directory / "overrides"

    @property
    def tree(self) -> Path | None:
        """The copy of terraform/ and modules/ that override files change; None: Terraform runs on the originals."""
        return self.build / "tree" if self.offline or self.bootstraps or self.overrides.is_dir() else None

    @property
    def working_directory(self) -> Path:
        """Where Terraform runs."""
        return (self.tree or ROOT) / self.root

    @property
    def plan_file(self) -> Path:
        """The saved plan: what was read is what is applied."""
        return self.build / self.plan_name
