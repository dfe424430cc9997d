"""The localstack environment on this machine: applied by Terraform, with its instances running.

The demo and the integration tests start it in the same way.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from scripts.rehearsal.errors import RehearsalError
from scripts.rehearsal.instance import Instance, applied_user_data
from scripts.rehearsal.lake import Lake
from scripts.rehearsal.warehouse import QUEUE, Warehouse
from scripts.set_key import set_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.localstack import LocalStack

ROOT = Path(__file__).parent.parent.parent
NAME = "localstack"
COLLECTOR_PORT = "collector.port"  # the setting's place in the collector's configuration
START_SECONDS = 120.0


def _quiet(_text: str) -> None:
    pass


class OneMachine:
    """The localstack environment on a running LocalStack.

    Instances and logs are in the directory of that LocalStack. `collector_port` None means any free port.
    """

    def __init__(self, stack: LocalStack, collector_port: int | None = None) -> None:
        self.stack = stack
        self.instances: dict[str, Instance] = {}
        self.warehouse = Warehouse(stack.state_dir / "warehouse", stack.state_dir / "snowpipe.log", ROOT)
        self._ports = {} if collector_port is None else {COLLECTOR_PORT: collector_port}

    @property
    def ambient(self) -> dict[str, str]:
        """The variables that stand for what AWS puts around an instance: credentials, region, the API's address."""
        return {
            "AWS_ENDPOINT_URL": self.stack.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_REGION": "eu-west-1",
        }

    def client(self, service: str) -> Any:  # boto3-stubs has another type for each service
        """Return a boto3 client of this environment."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the overloads want a literal
            endpoint_url=self.stack.endpoint,
            region_name="eu-west-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - LocalStack takes any
        )

    def package(self, say: Callable[[str], None] = _quiet) -> None:
        """Build the function's zip and the services' bundles. Raises RehearsalError."""
        self._command("package", say, [])

    def apply(self, say: Callable[[str], None] = _quiet) -> None:
        """Plan and apply with the project's own commands, then give the environment its key. Raises RehearsalError."""
        self.client("sqs").create_queue(QueueName=QUEUE)
        self._command("plan", say, ["--env", NAME])
        self._command("apply", say, ["--env", NAME])
        set_key(self.client("secretsmanager"), self.outputs["pseudonym_key_arn"])

    def plan_is_empty(self) -> bool:
        """Plan again and return whether there is nothing to change. Raises RehearsalError."""
        return self._command("plan", _quiet, ["--env", NAME, "--detailed-exitcode"], accepted=(0, 2)) == 0

    def destroy(self) -> None:
        """Destroy the environment. Raises RehearsalError."""
        self._command("destroy", _quiet, ["--env", NAME])

    @functools.cached_property
    def outputs(self) -> dict[str, Any]:
        """The outputs of the applied environment."""
        command = [sys.executable, "-m", "scripts.output", "--env", NAME]
        done = subprocess.run(command, cwd=ROOT, env=self._terraform_env(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RehearsalError(f"output of {NAME} failed: {done.stderr.strip().splitlines()[-1]}")
        outputs: dict[str, Any] = json.loads(done.stdout)
        return outputs

    @functools.cached_property
    def lake(self) -> Lake:
        """The lake and the quarantine."""
        buckets = self.outputs["buckets"]
        return Lake(self.client("s3"), buckets["lake"], buckets["quarantine"])

    def boot(self, say: Callable[[str], None] = _quiet) -> None:
        """Start an instance of each program from its applied launch template. Raises RehearsalError, UserDataError."""
        for program, launch_template_id in self.outputs["launch_template_ids"].items():
            say(f"booting the {program}")
            ports = self._ports if program == "collector" else {}
            instance = Instance(program, self.stack.state_dir / "instances" / program, self.ambient, dict(ports))
            self.instances[program] = instance
            instance.boot(applied_user_data(self.client("ec2"), launch_template_id))
        say("migrating the warehouse")
        self.warehouse.migrate(say)
        self.warehouse.start_loader(self.client("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"], self.ambient)
        say("waiting for the collector's health check")
        self._wait_for_collector()

    @property
    def collector(self) -> tuple[str, int]:
        """Host and port of the collector's instance."""
        return "127.0.0.1", self.instances["collector"].ports[COLLECTOR_PORT]

    def stop(self) -> dict[str, int | None]:
        """Stop the instances as systemd does; return the programs' exit codes."""
        codes = {program: instance.stop() for program, instance in self.instances.items()}
        self.warehouse.stop()
        return codes

    def journals(self) -> list[Path]:
        """Return the log files of the programs and of LocalStack."""
        return [*(each.journal for each in self.instances.values()), self.warehouse.journal, self.stack.log_path]

    def _wait_for_collector(self) -> None:
        host, port = self.collector
        instance = self.instances["collector"]
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if instance.process is None or instance.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"http://{host}:{port}/health", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RehearsalError(f"the collector does not answer on port {port}: see {instance.journal}")

    def _terraform_env(self) -> dict[str, str]:
        # A profile of the user's shell must not reach a real account.
        return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | self.ambient

    def _command(
        self, name: str, say: Callable[[str], None], arguments: list[str], accepted: tuple[int, ...] = (0,)
    ) -> int:
        """Run an operators' command with its output in a log file, and report its progress. Returns the exit code."""
        log = self.stack.state_dir / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        say(f"{name} …")
        command = [sys.executable, "-m", f"scripts.{name}", *arguments]
        count = 0
        with log.open("w") as file:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._terraform_env(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for line in process.stdout or ():
                file.write(line)
                if re.search(r": (Creation|Destruction) complete", line):
                    count += 1
                    say(f"{name}: {count} resources")
        if process.wait() not in accepted:
            last = log.read_text().strip().splitlines()[-1:]
            raise RehearsalError(f"{name} failed: {''.join(last)} (all of it: {log})")
        return process.returncode
