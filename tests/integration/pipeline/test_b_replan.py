"""What a small change of an applied environment plans: nothing but itself."""

import json
import subprocess
from typing import Any

import pytest

from scripts.package import host_architecture
from scripts.rehearsal.environment import OneMachine
from scripts.terraform_runner.environment import Environment
from scripts.terraform_runner.tfvars import read_tfvars

pytestmark = [pytest.mark.localstack, pytest.mark.timeout(900)]  # the first test applies the environment
READER = "arn:aws:iam::000000000000:role/snowveil-new-reader"


def changes(machine: OneMachine, **variables: Any) -> dict[str, list[str]]:
    """Return the attributes that a plan with other values of some variables would change, by address."""
    environment = Environment("localstack")
    surroundings = machine._terraform_env() | {"TF_DATA_DIR": str(environment.build / ".terraform")}
    plan = environment.build / "replan"
    given = [
        f"-var={name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in variables.items()
    ]
    for command in (
        ["plan", "-input=false", "-no-color", f"-out={plan}", f"-var-file={environment.tfvars}", *given],
        ["show", "-json", str(plan)],
    ):
        done = subprocess.run(
            ["terraform", *command],
            cwd=environment.working_directory,
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stderr
    found: dict[str, list[str]] = {}
    for each in json.loads(done.stdout)["resource_changes"]:
        change = each["change"]
        if each["mode"] == "managed" and change["actions"] != ["no-op"]:
            before, after = change["before"] or {}, change["after"] or {}
            unknown = [name for name, value in (change["after_unknown"] or {}).items() if value is True]
            found[each["address"]] = sorted({*(n for n in after if before.get(n) != after[n]), *unknown})
    return found


def test_a_new_reader_of_the_lake_changes_policies_only(machine: OneMachine) -> None:
    lake = read_tfvars(Environment("localstack").tfvars)["lake"]
    readers = {prefix: [*roles, READER] for prefix, roles in lake["readers"].items()}
    found = changes(machine, lake=lake | {"readers": readers}, architecture=host_architecture())
    assert found == {
        'module.keys.aws_kms_key.this["lake"]': ["policy"],
        "module.lake.module.bucket.aws_s3_bucket_policy.this": ["policy"],
    }
