"""Run Terraform for one environment: what every command about an environment shares.

`Terraform(environment)` prepares the machine and runs commands. Every failure is a TerraformError whose text is one
line with the remedy; Terraform's own message is printed before it.
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
from typing import TYPE_CHECKING, Any

import python_terraform

from scripts.localstack import STATE_DIR, read_pid_file
from scripts.package import host_architecture
from scripts.terraform_runner import workspace
from scripts.terraform_runner.environment import LOCALSTACK, ROOT, Environment, TerraformError
from scripts.terraform_runner.messages import diagnose

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRESS_SECONDS = 5.0
# An apply mostly waits: with Terraform's own 10, resources that wait a minute hold up those that take a second.
PARALLELISM = 40
FLAG = python_terraform.IsFlagged


class Terraform:
    """Terraform prepared for one environment. Raises TerraformError when the machine lacks something."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        environment.build.mkdir(parents=True, exist_ok=True)
        # python-terraform passes this process's own environment on.
        os.environ |= {"TF_DATA_DIR": str(environment.build / ".terraform"), "TF_IN_AUTOMATION": "1"}
        workspace.use_provider_mirror(environment.build)
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
        workspace.require_backend(environment.backend)
        if environment.name == LOCALSTACK:
            workspace.make_state_bucket(environment.backend)
        self._capture("init", input=False, reconfigure=FLAG, backend_config=[str(environment.backend)])

    def plan(self, *, destroy: bool = False, refresh_only: bool = False) -> tuple[bool, str]:
        """Save a plan; returns whether it changes anything, and the plan to read. A failed one saves nothing."""
        try:
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
        except TerraformError:
            # Terraform saves what it had planned until it failed.
            self.environment.plan_file.unlink(missing_ok=True)
            raise
        return code == 2, text

    def show_plan(self) -> bytes:
        """Return the saved plan as JSON: it holds sensitive values in clear and is never written or printed."""
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

    def refresh_state(self) -> None:
        """Record what AWS made of an apply: lists that later resources filled, empty values in place of none.

        The next comparison then names only what somebody changed. Nothing in the account changes.
        """
        self._capture(
            "apply",
            input=False,
            refresh_only=FLAG,
            auto_approve=FLAG,
            var_file=None if self.environment.bootstraps else str(self.environment.tfvars),
            var=self._variables(),
        )

    def outputs(self) -> dict[str, Any]:
        """Return the values of the applied root module's outputs by name."""
        _, text = self._capture("output", json=FLAG)
        return {name: output["value"] for name, output in json.loads(text).items()}

    def _make_tree(self) -> None:
        if self.environment.tree is not None:
            workspace.make_tree(ROOT, self.environment.tree, self.environment)

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
        if (found := json.loads(text)["terraform_version"]) == wanted:
            return
        if not (self.environment.throwaway and _is_newer(found, wanted)):
            raise TerraformError(f"terraform {found} is on PATH, .terraform-version asks for {wanted}")
        print(
            f"terraform {found} is newer than {wanted} of .terraform-version: enough here, not for plan and apply",
            file=sys.stderr,
        )

    def _variables(self) -> dict[str, str] | None:
        if self.environment.bootstraps:
            return workspace.bootstrap_variables(self.environment)
        # An emulator's functions run on this machine's own processor.
        return {"architecture": host_architecture()} if self.environment.name == LOCALSTACK else None

    def _set_credentials(self) -> None:
        if not self.environment.throwaway:
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


def _is_newer(found: str, wanted: str) -> bool:
    """Return whether a version (such as 1.12.0 or 1.12.0-rc1) is a later one of the same major version."""
    numbers, wanted_numbers = ([int(part) for part in text.partition("-")[0].split(".")] for text in (found, wanted))
    return numbers[0] == wanted_numbers[0] and numbers > wanted_numbers


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
