"""One environment and Terraform run for it: what every command about an environment shares.

`Environment("dev")` reads `environments/dev`; `Terraform(environment)` prepares the machine and runs commands. Every
failure is a TerraformError whose text is one line with the remedy; Terraform's own message is printed before it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import python_terraform

from scripts import terraform_workspace
from scripts.localstack import STATE_DIR, read_pid_file
from scripts.package import host_architecture
from scripts.terraform_messages import diagnose

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
BOOTSTRAP = "terraform/bootstrap"
LOCALSTACK = "localstack"
PROGRESS_SECONDS = 5.0
# An apply mostly waits: with Terraform's own 10, resources that wait a minute hold up those that take a second.
PARALLELISM = 40
FLAG = python_terraform.IsFlagged


class TerraformError(Exception):
    """Terraform, or what it needs, failed; the text is one line with the remedy."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment by its directory's name under environments/.

    `offline` plans with no backend, no credentials and no state. `packages` is the directory of what scripts/package.py
    built; only an offline plan may have another than build/. `root` is the root module's directory.
    """

    name: str
    offline: bool = False
    packages: Path = BUILD
    root: str = "terraform"
    plan_name: str = "tfplan"

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
        return BUILD / f"{kinds}{self.name}"

    @property
    def bootstraps(self) -> bool:
        """Whether this is about the bucket of the states, not about what is in it."""
        return self.root == BOOTSTRAP

    @property
    def overrides(self) -> Path:
        """Override files of the environment: only localstack has any (docs/adr/0003)."""
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


class Terraform:
    """Terraform prepared for one environment. Raises TerraformError when the machine lacks something."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        environment.build.mkdir(parents=True, exist_ok=True)
        # python-terraform passes this process's own environment on.
        os.environ |= {"TF_DATA_DIR": str(environment.build / ".terraform"), "TF_IN_AUTOMATION": "1"}
        terraform_workspace.use_provider_mirror(BUILD)
        self._set_credentials()
        self._check_version()
        self._terraform = python_terraform.Terraform(working_dir=str(environment.working_directory))

    def init(self) -> None:
        """Install provider and modules, and connect the state."""
        environment = self.environment
        self._make_tree()
        if environment.offline:
            self._capture("init", input=False, reconfigure=FLAG)
            return
        if environment.name == LOCALSTACK:
            terraform_workspace.make_state_bucket(environment.backend)
        self._capture("init", input=False, reconfigure=FLAG, backend_config=[str(environment.backend)])

    def plan(self, *, destroy: bool = False, refresh_only: bool = False) -> tuple[bool, str]:
        """Save a plan; returns whether it changes anything, and the plan to read."""
        code, text = self._capture(
            "plan",
            input=False,
            detailed_exitcode=FLAG,
            out=str(self.environment.plan_file),
            destroy=FLAG if destroy else None,
            refresh_only=FLAG if refresh_only else None,
            var_file=None if self.environment.bootstraps else str(self.environment.tfvars),
            var=self._variables(),
        )
        return code == 2, text

    def show_plan(self) -> bytes:
        """Return the saved plan as JSON: it holds sensitive values in clear and is never written or printed."""
        if not self.environment.plan_file.is_file():
            raise TerraformError(f"no saved plan: run `make plan ENV={self.environment.name}` first")
        done = subprocess.run(
            ["terraform", "show", "-json", "-no-color", self.environment.plan_file],
            cwd=self.environment.working_directory,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            # What Terraform prints may quote the plan.
            raise TerraformError(f"terraform cannot show the saved plan of {self.environment.name}: plan again")
        return done.stdout

    def apply_plan(self) -> None:
        """Apply the saved plan, which is gone afterwards. Terraform reports its progress itself."""
        plan = self.environment.plan_file
        command = ["terraform", "apply", "-input=false", "-no-color", f"-parallelism={PARALLELISM}", str(plan)]
        said = []
        with subprocess.Popen(
            command, cwd=self.environment.working_directory, stderr=subprocess.PIPE, text=True
        ) as process:
            for line in process.stderr or ():
                print(line, end="", file=sys.stderr, flush=True)
                said.append(line)
        plan.unlink()
        if process.returncode:
            raise TerraformError(diagnose("".join(said), "apply", self.environment.name))

    def outputs(self) -> dict[str, Any]:
        """Return the values of the applied root module's outputs by name."""
        _, text = self._capture("output", json=FLAG)
        return {name: output["value"] for name, output in json.loads(text).items()}

    def _make_tree(self) -> None:
        if self.environment.tree is not None:
            terraform_workspace.make_tree(ROOT, self.environment.tree, self.environment)

    def _capture(self, command: str, **options: object) -> tuple[int, str]:
        with progress(f"terraform {command}"):
            code, out, err = self._terraform.cmd(
                command, no_color=FLAG, capture_output=True, raise_on_error=False, **options
            )
        if code not in {0, 2}:
            print(err or out, file=sys.stderr)
            raise TerraformError(diagnose(err or out, command, self.environment.name))
        return code, out

    def _check_version(self) -> None:
        wanted = (ROOT / ".terraform-version").read_text().strip()
        if shutil.which("terraform") is None:
            raise TerraformError(f"terraform is not installed: put version {wanted} on PATH")
        _, text, _ = python_terraform.Terraform().cmd("version", json=FLAG, capture_output=True)
        if (found := json.loads(text)["terraform_version"]) != wanted:
            raise TerraformError(f"terraform {found} is on PATH, .terraform-version asks for {wanted}")

    def _variables(self) -> dict[str, str] | None:
        if self.environment.bootstraps:
            return terraform_workspace.bootstrap_variables(self.environment)
        # An emulator's functions run on this machine's own processor.
        return {"architecture": host_architecture()} if self.environment.name == LOCALSTACK else None

    def _set_credentials(self) -> None:
        if self.environment.name != LOCALSTACK and not self.environment.offline:
            return
        # An emulator and an offline plan never see a real key.
        os.environ.pop("AWS_PROFILE", None)
        os.environ |= {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if self.environment.offline or "AWS_ENDPOINT_URL" in os.environ:
            return
        running = read_pid_file(STATE_DIR)
        if running is None:
            raise TerraformError(
                "LocalStack does not run: run `python -m scripts.localstack start`, or set AWS_ENDPOINT_URL"
            )
        os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{running[1]}"


@contextlib.contextmanager
def progress(what: str) -> Iterator[None]:
    """Say on standard error every few seconds that `what` is still at work."""
    started = time.monotonic()
    done = threading.Event()

    def report() -> None:
        while not done.wait(PROGRESS_SECONDS):
            print(f"{what}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)

    thread = threading.Thread(target=report)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
