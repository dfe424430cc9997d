"""What goes wrong with real Terraform is said in one line."""

import json
import shutil
import subprocess
from collections.abc import Callable

import pytest

from scripts import apply, bootstrap, destroy, drift, output, plan, review
from tests.unit.environments.checkout import Checkout

type Refusal = Callable[[int], str]

S3 = """
terraform {
  backend "s3" {}
}
"""
LOCK = {
    "ID": "5f2c63a0-0000-4000-8000-000000000000",
    "Operation": "OperationTypeApply",
    "Who": "somebody@elsewhere",
    "Version": "1.11.4",
    "Created": "2025-06-15T12:00:00Z",
    "Path": "dev.tfstate",
}
HOLD = """
import fcntl, sys
file = open(sys.argv[1], "r+")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def installed() -> str:
    done = subprocess.run(["terraform", "version", "-json"], capture_output=True, check=True)
    return str(json.loads(done.stdout)["terraform_version"])


@pytest.mark.parametrize("pinned", ["1.99.0", "1.10.5"])
def test_plan_refuses_another_terraform_than_the_pinned_one(checkout: Checkout, refusal: Refusal, pinned: str) -> None:
    checkout.write(".terraform-version", f"{pinned}\n")
    line = refusal(plan.main(["--env", "dev"]))
    assert line == f"terraform {installed()} is on PATH, .terraform-version asks for {pinned}"


@pytest.fixture
def pinned_offline(checkout: Checkout) -> Checkout:
    """A checkout whose root module pins an older Terraform than the installed one."""
    checkout.write("modules/.keep", "")
    checkout.write("environments/dev/terraform.tfvars", "")
    checkout.write("terraform/main.tf", 'terraform {\n  required_version = "1.10.5"\n  backend "s3" {}\n}\n')
    checkout.write(".terraform-version", "1.10.5\n")
    return checkout


@pytest.mark.parametrize("pinned", ["1.99.0", "0.15.5"])
def test_offline_plan_refuses_an_older_terraform_and_another_major_version(
    pinned_offline: Checkout, refusal: Refusal, pinned: str
) -> None:
    pinned_offline.write(".terraform-version", f"{pinned}\n")
    assert f"asks for {pinned}" in refusal(plan.main(["--env", "dev", "--offline"]))


def test_review_of_an_offline_plan_needs_no_other_plan(
    pinned_offline: Checkout, refusal: Refusal, capfd: pytest.CaptureFixture[str]
) -> None:
    line = refusal(review.main(["--env", "dev", "--offline"]))
    assert line == "no plan of dev was made offline: run `make plan ENV=dev OFFLINE=1` first"
    assert refusal(review.main(["--env", "dev"])) == "no saved plan of dev: run `make plan ENV=dev` first"
    assert plan.main(["--env", "dev", "--offline"]) == 0
    line = refusal(review.main(["--env", "dev"]))
    assert line == "the saved plan of dev was made offline: run `make review ENV=dev OFFLINE=1`"
    assert review.main(["--env", "dev", "--offline", "--repository", str(pinned_offline.root)]) == 0
    assert "no changes" in capfd.readouterr().out


def test_missing_package_is_named_and_nothing_is_saved(pinned_offline: Checkout, refusal: Refusal) -> None:
    pinned_offline.write(
        "terraform/upload.tf", 'output "hash" {\n  value = filesha256("../build/enricher-x86_64.tar.gz")\n}\n'
    )
    line = refusal(plan.main(["--env", "dev", "--offline"]))
    assert line == "build/enricher-x86_64.tar.gz is missing: run `make package ARCH=x86_64`"
    assert "no plan of dev was made offline" in refusal(review.main(["--env", "dev", "--offline"]))


@pytest.mark.parametrize("command", [plan.main, drift.main, destroy.main, output.main, bootstrap.main])
def test_missing_backend_is_named(checkout: Checkout, refusal: Refusal, command: Callable[[list[str]], int]) -> None:
    (checkout.root / "environments/dev/backend.hcl").unlink()
    line = refusal(command(["--env", "dev"]))
    assert line == "environments/dev/backend.hcl is missing: see docs/first-deployment.md"


def test_backend_without_a_bucket_is_named(checkout: Checkout, refusal: Refusal) -> None:
    checkout.write("environments/dev/backend.hcl", 'region = "eu-west-1"\n')
    line = refusal(bootstrap.main(["--env", "dev"]))
    assert line == "environments/dev/backend.hcl lacks bucket: see docs/first-deployment.md"


def test_a_newer_terraform_is_enough_for_an_offline_plan_and_for_no_other(
    checkout: Checkout, refusal: Refusal, capfd: pytest.CaptureFixture[str]
) -> None:
    checkout.write(".terraform-version", "1.10.9\n")
    checkout.write("terraform/versions.tf", 'terraform {\n  required_version = "1.10.9"\n}\n')
    (checkout.root / "modules").mkdir()
    assert plan.main(["--env", "dev", "--offline"]) == 0
    assert "terraform 1.11.4 is newer than 1.10.9 of .terraform-version: enough here" in capfd.readouterr().err
    assert "asks for 1.10.9" in refusal(plan.main(["--env", "dev"]))


def test_missing_terraform_is_one_line_with_its_remedy(
    checkout: Checkout, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout.root / "build/bin").mkdir()
    (checkout.root / "build/bin/git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(checkout.root / "build/bin"))
    assert refusal(plan.main(["--env", "dev"])) == "terraform is not installed: put version 1.11.4 on PATH"


@pytest.fixture
def no_credentials(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    checkout.write("terraform/main.tf", S3)
    checkout.write("environments/dev/terraform.tfvars", "")
    checkout.write(
        "environments/dev/backend.hcl", 'bucket = "states-111111111111"\nkey = "dev"\nregion = "eu-west-1"\n'
    )
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(checkout.root / "none"))
    return checkout


@pytest.mark.usefixtures("no_credentials")
@pytest.mark.parametrize("command", [plan.main, output.main, drift.main, destroy.main])
def test_missing_credentials_are_one_line_with_their_remedy(
    command: Callable[[list[str]], int], refusal: Refusal
) -> None:
    assert refusal(command(["--env", "dev"])) == "no valid AWS credentials for dev: log in to its account"


@pytest.mark.usefixtures("no_credentials")
def test_missing_credentials_for_the_bucket_of_the_states(refusal: Refusal) -> None:
    assert refusal(bootstrap.main(["--env", "dev"])) == "no valid AWS credentials for dev: log in to its account"


def test_a_missing_variable(checkout: Checkout, refusal: Refusal) -> None:
    checkout.write("environments/dev/terraform.tfvars", 'environment = "dev"\n')
    assert refusal(plan.main(["--env", "dev"])) == "environments/dev/terraform.tfvars lacks version_of_it"


@pytest.mark.parametrize("command", [plan.main, apply.main])
def test_a_locked_state(planned: Checkout, refusal: Refusal, command: Callable[[list[str]], int]) -> None:
    state = planned.root / "states/dev.tfstate"
    state.touch()
    (state.parent / ".dev.tfstate.lock.info").write_text(json.dumps(LOCK))
    with subprocess.Popen(["python3", "-c", HOLD, state], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        line = refusal(command(["--env", "dev"]))
        holder.communicate()
    assert line == (
        f"the state of dev is locked: wait for the other run, or `terraform force-unlock {LOCK['ID']}` if that one died"
    )


def test_a_state_that_moved_on_since_the_plan(planned: Checkout, refusal: Refusal) -> None:
    saved = {name: (planned.root / "build/dev" / name).read_bytes() for name in ("tfplan", "tfplan.record")}
    assert apply.main(["--env", "dev"]) == 0
    for name, contents in saved.items():
        (planned.root / "build/dev" / name).write_bytes(contents)
    assert refusal(apply.main(["--env", "dev"])) == "dev has changed since its plan was saved: plan again"
