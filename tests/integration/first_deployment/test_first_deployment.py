"""docs/first-deployment.md, walked with its own commands in a clone, against a LocalStack that is an empty account."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.localstack import LocalStack
from scripts.package import host_architecture
from scripts.rehearsal.environment import OneMachine
from scripts.terraform_runner import workspace
from scripts.terraform_runner.environment import ROOT

pytestmark = [pytest.mark.localstack, pytest.mark.timeout(1800)]

DOCUMENT = (ROOT / "docs/first-deployment.md").read_text()
# Installed once for the whole machine; a clone of its own would take minutes more.
INSTALLED = (".venv", ".venv-localstack", ".tools")
PATH_STYLE = 'provider "aws" {\n  s3_use_path_style = true\n}\n'
# Beside 0: somebody must approve what the review shows.
ACCEPTED = {".venv/bin/python -m scripts.review --env dev": (0, 3)}


def commands() -> list[str]:
    """Return the commands of the document's blocks, in order, but for those that need AWS."""
    lines = [line for block in re.findall(r"(?ms)^```sh\n(.*?)^```$", DOCUMENT) for line in block.splitlines()]
    return [line for line in lines if not line.endswith("# needs AWS")]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneMachine]:
    with LocalStack(tmp_path_factory.mktemp("localstack")) as stack:
        yield OneMachine(stack)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose dev is LocalStack's account: its number and processor, and buckets in the path of an address."""
    clone = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    for name in INSTALLED:
        (clone / name).symlink_to(ROOT / name)
    for name in ("access.tfvars", "backend.hcl", "terraform.tfvars"):
        path = clone / "environments/dev" / name
        text = path.read_text().replace("111111111111", "000000000000").replace('"arm64"', f'"{host_architecture()}"')
        path.write_text(text + ("use_path_style = true\n" if name == "backend.hcl" else ""))
    for root in ("terraform", "terraform/bootstrap"):
        override = clone / "environments/dev/overrides" / root / "provider_override.tf"
        override.parent.mkdir(parents=True, exist_ok=True)
        override.write_text(PATH_STYLE)
    subprocess.run(["git", "init", "-q", "."], cwd=clone, check=True)
    (clone / ".git/info/exclude").write_text("\n".join(INSTALLED))
    subprocess.run(["git", "add", "-A"], cwd=clone, check=True)
    subprocess.run(["git", "commit", "-qm", "a clone"], cwd=clone, env=surroundings({}), check=True)
    return clone


def surroundings(more: dict[str, str]) -> dict[str, str]:
    """Return this process's environment without what leads to another account, with somebody who answers for people."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_", "MAKE"))}
    person = {f"GIT_{who}_{what}": "somebody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**kept, **person, "TF_CLI_ARGS_apply": "-auto-approve", **more}


def test_the_document_leads_from_an_empty_account_to_an_applied_environment(
    machine: OneMachine, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "")  # restored afterwards
    workspace.use_provider_mirror(clone / ".git")
    mirror = {"TF_CLI_CONFIG_FILE": value} if (value := os.environ["TF_CLI_CONFIG_FILE"]) else {}
    environment = surroundings({**machine.ambient, **mirror})
    for line in commands():
        # A machine says what a person types: the environment's name.
        typed = " CONFIRM=dev" if line.startswith("make bootstrap") else ""
        command = line.replace("ARCH=arm64", f"ARCH={host_architecture()}") + typed
        done = subprocess.run(
            ["bash", "-c", command], cwd=clone, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode in ACCEPTED.get(line, (0,)), f"{line}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"

    streams = machine.client("kinesis").list_streams()["StreamNames"]
    assert "snowplow-raw-good" in streams
    roles = {role["RoleName"] for role in machine.client("iam").list_roles()["Roles"]}
    assert {"snowveil-deployer", "snowveil-planner", "snowveil-key-custodian", "snowplow-collector"} <= roles
    assert machine.client("secretsmanager").describe_secret(SecretId="snowplow-pseudonym-key")["VersionIdsToStages"]


def test_the_document_has_the_commands_of_every_step_that_makes_something() -> None:
    walked = " ".join(commands())
    for command in ("install", "ami", "package", "bootstrap", "plan", "apply", "output"):
        assert f"make {command}" in walked, command
    for module in ("review", "set_key", "drift"):
        assert f"scripts.{module}" in walked, module
