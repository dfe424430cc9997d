"""The bucket of the states, made by the operator's command; in a LocalStack that has no such bucket yet."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from scripts.localstack import LocalStack
from scripts.rehearsal.environment import OneMachine
from scripts.terraform_runner.environment import BOOTSTRAP, ROOT, Environment

pytestmark = pytest.mark.localstack

BUCKET = "snowveil-terraform-state-000000000000"


@pytest.fixture
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneMachine]:
    shutil.rmtree(Environment("localstack", root=BOOTSTRAP).build, ignore_errors=True)
    with LocalStack(tmp_path_factory.mktemp("localstack")) as stack:
        yield OneMachine(stack)


def bootstrap(machine: OneMachine) -> str:
    command = [sys.executable, "-m", "scripts.bootstrap", "--env", "localstack", "--confirm", "localstack"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | machine.ambient, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_run_makes_the_bucket_and_moves_its_state_there_the_second_changes_nothing(
    machine: OneMachine,
) -> None:
    assert "Apply complete! Resources: 9 added" in bootstrap(machine)
    assert not (Environment("localstack", root=BOOTSTRAP).build / "terraform.tfstate").exists()
    state = machine.client("s3").head_object(Bucket=BUCKET, Key="localstack/bootstrap.tfstate")
    key = machine.client("kms").describe_key(KeyId="alias/snowveil-terraform-state")["KeyMetadata"]["Arn"]
    assert (state["ServerSideEncryption"], state["SSEKMSKeyId"]) == ("aws:kms", key)
    assert "No changes." in bootstrap(machine)
