"""After an apply nothing differs from the state; what somebody changes by the API is named, and nothing else."""

import os
import subprocess
import sys

import pytest

from scripts.rehearsal.environment import OneMachine
from scripts.terraform_runner.environment import ROOT

pytestmark = [pytest.mark.localstack, pytest.mark.timeout(900)]  # the first test applies the environment


def drift(machine: OneMachine) -> tuple[int, str]:
    """Return the exit code of `drift`, and what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | machine.ambient
    command = [sys.executable, "-m", "scripts.drift", "--env", "localstack"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_drift_names_what_somebody_changed_and_nothing_else(machine: OneMachine) -> None:
    assert drift(machine) == (0, "")
    kinesis, stream = machine.client("kinesis"), machine.outputs["streams"]["raw-bad"]
    kinesis.add_tags_to_stream(StreamName=stream, Tags={"owner": "somebody"})
    try:
        code, printed = drift(machine)
    finally:
        kinesis.remove_tags_from_stream(StreamName=stream, TagKeys=["owner"])
    assert (code, printed) == (
        2,
        'module.stream["raw-bad"].aws_kinesis_stream.this: tags, tags_all changed outside Terraform\n',
    )
