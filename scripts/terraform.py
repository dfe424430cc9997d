"""One environment and Terraform run for it: what plan, apply, destroy and output share.

`Environment("dev")` reads `environments/dev`; `Terraform(environment)` prepares the machine and runs commands. Every
failure is a TerraformError whose text is one line with the remedy; Terraform's own message is printed before it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
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

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
PROGRESS_SECONDS = 5.0
# An apply mostly waits: with Terraform's own 10, resources that wait a minute hold up those that take a second.
PARALLELISM = 40
FLAG = python_terraform.IsFlagged

# What Terraform says, and what the reader can do: {env} is the environment, {1} the expression's first group.
REMEDIES = (
    (
        r"Error acquiring the state lock.*?ID: (\S+)",
        "the state of {env} is locked: wait for the other run, or `terraform force-unlock {1}` if that one died",
    ),
    (
        r"No valid credential sources|ExpiredToken|InvalidClientTokenId",
        "no valid AWS credentials for {env}: log in to its account",
    ),
    (
        r"AWS account ID not allowed",
        "the credentials are of another account than the one in environments/{env}/terraform.tfvars",
    ),
    (
        r'S3 bucket "([^"]+)" does not exist',
        "the state bucket {1} of environments/{env}/backend.hcl does not exist: create it first",
    ),
    (r'no file exists at "[./]*(build/[^"]+)"', "{1} is missing: run `make package`"),
    (r'No value for required variable.*?variable "(\w+)"', "environments/{env}/terraform.tfvars lacks {1}"),
    (
        r"Instance cannot be destroyed.*?Resource (\S+)",
        "{1} holds data and is protected in {env}: read docs/adr/0003-prevent-destroy.md",
    ),
    (r"Saved plan is stale", "{env} has changed since its plan was saved: plan again"),
    (
        r"Failed to query available provider packages",
        "the AWS provider is not obtainable: name a mirror's directory in TF_PLUGIN_MIRROR",
    ),
    (r"connection refused", "nothing answers at AWS_ENDPOINT_URL: run `python -m scripts.localstack start`"),
)


class TerraformError(Exception):
    """Terraform, or what it needs, failed; the text is one line with the remedy."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment by its directory's name under environments/.

    `offline` plans with no backend, no credentials and no state. `packages` is the directory of what scripts/package.py
    built; only an offline plan may have another than build/.
    """

    name: str
    offline: bool = False
    packages: Path = BUILD

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
    def build(self) -> Path:
        """Everything that is generated for the environment."""
        return BUILD / (f"offline-{self.name}" if self.offline else self.name)

    @property
    def overrides(self) -> Path:
        """Override files of the environment: only localstack has any (docs/adr/0003)."""
        return self.directory / "overrides"

    @property
    def tree(self) -> Path | None:
        """The copy of terraform/ and modules/ that override files change; None: Terraform runs in terraform/ itself."""
        return self.build / "tree" if self.offline or self.overrides.is_dir() else None

    @property
    def plan_file(self) -> Path:
        """The saved plan: what was read is what is applied."""
        return self.build / "tfplan"


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
        self._terraform = python_terraform.Terraform(working_dir=str((environment.tree or ROOT) / "terraform"))

    def init(self) -> None:
        """Install provider and modules, and connect the state."""
        environment = self.environment
        if environment.tree is not None:
            terraform_workspace.make_tree(
                ROOT, environment.overrides, environment.tree, environment.packages, offline=environment.offline
            )
        if environment.offline:
            self._capture("init", input=False, reconfigure=FLAG)
            return
        backend = environment.directory / "backend.hcl"
        if environment.name == "localstack":
            terraform_workspace.make_state_bucket(backend)
        self._capture("init", input=False, reconfigure=FLAG, backend_config=[str(backend)])

    def plan(self, *, destroy: bool = False) -> tuple[bool, str]:
        """Save a plan; returns whether it changes anything, and the plan to read."""
        code, text = self._capture(
            "plan",
            input=False,
            detailed_exitcode=FLAG,
            out=str(self.environment.plan_file),
            destroy=FLAG if destroy else None,
            var_file=str(self.environment.tfvars),
            # An emulator's functions run on this machine's own processor.
            var={"architecture": host_architecture()} if self.environment.name == "localstack" else None,
        )
        return code == 2, text

    def apply_plan(self) -> None:
        """Apply the saved plan, which is gone afterwards. Terraform reports its progress itself."""
        plan = self.environment.plan_file
        if not plan.is_file():
            raise TerraformError(f"no saved plan: run `python -m scripts.plan --env {self.environment.name}` first")
        code, _, _ = self._terraform.cmd(
            "apply", str(plan), input=False, parallelism=PARALLELISM, no_color=FLAG, capture_output=False
        )
        plan.unlink()
        if code != 0:
            raise TerraformError(
                f"apply of {self.environment.name} failed, its message is above: repair the cause, plan and apply again"
            )

    def outputs(self) -> dict[str, Any]:
        """Return the values of the applied root module's outputs by name."""
        _, text = self._capture("output", json=FLAG)
        return {name: output["value"] for name, output in json.loads(text).items()}

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

    def _set_credentials(self) -> None:
        if self.environment.name != "localstack" and not self.environment.offline:
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


def diagnose(message: str, command: str, env: str) -> str:
    """Return one line with the remedy for Terraform's (boxed, wrapped) error message."""
    text = re.sub(r"[\s│╷╵]+", " ", message)
    for pattern, remedy in REMEDIES:
        if match := re.search(pattern, text):
            return remedy.format(*match.group(0, *range(1, match.re.groups + 1)), env=env)
    return f"terraform {command} failed for {env}, its message is above"


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
