"""The bucket of the states: what is declared, and that its own state survives an interruption."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from scripts import bootstrap
from scripts.terraform_runner import workspace
from scripts.terraform_runner.environment import BOOTSTRAP, Environment
from scripts.terraform_runner.run import Terraform
from tests.unit.environments.checkout import Checkout

ROOT_MODULE = """
terraform {
  backend "s3" {}
}

variable "environment" {}
variable "account_id" {}
variable "bucket" {}
variable "region" {}

resource "terraform_data" "bucket" {
  input = var.bucket
}
"""


@pytest.fixture
def started(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A first run that was interrupted after it had a local state, on a machine that has no credentials any more."""
    checkout.write("terraform/bootstrap/main.tf", ROOT_MODULE)
    checkout.write("modules/.keep", "")
    checkout.write("environments/dev/terraform.tfvars", 'account_id = "111111111111"\n')
    checkout.write("environments/dev/backend.hcl", 'bucket = "states"\nkey = "dev"\nregion = "eu-west-1"\n')
    checkout.write("build/bootstrap-dev/terraform.tfstate", "")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(checkout.root / "none"))
    return checkout


def resources(checkout: Checkout) -> list[str]:
    text = (checkout.root / "build/bootstrap-dev/terraform.tfstate").read_text()
    return [each["name"] for each in json.loads(text)["resources"]] if text else []


def test_the_local_state_stays_until_it_is_in_the_bucket(started: Checkout, refusal: Callable[[int], str]) -> None:
    for _ in range(2):
        line = refusal(bootstrap.main(["--env", "dev", "--confirm", "dev"]))
        assert line == "no valid AWS credentials for dev: log in to its account"
        assert resources(started) == ["bucket"]


def test_nothing_is_made_before_the_name_is_given(started: Checkout, refusal: Callable[[int], str]) -> None:
    assert refusal(bootstrap.main(["--env", "dev", "--confirm", "prod"])) == "'prod' is not dev: nothing was changed"
    assert refusal(bootstrap.main(["--env", "dev"])).endswith("pass --confirm dev")
    assert resources(started) == []


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The planned values of the real root module for production, by address."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TF_DATA_DIR", "TF_CLI_CONFIG_FILE", "TF_IN_AUTOMATION", "AWS_EC2_METADATA_DISABLED"):
            patch.setenv(name, "")  # restored afterwards
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        patch.setattr("scripts.terraform_runner.environment.BUILD", tmp_path_factory.mktemp("build"))
        terraform = Terraform(Environment("production", offline=True, root=BOOTSTRAP))
        terraform.init()
        terraform.plan()
        changes = json.loads(terraform.show_plan())["resource_changes"]
    return {each["address"]: each["change"]["after"] for each in changes if each["mode"] == "managed"}


def test_the_bucket_keeps_versions_and_is_not_public(planned: dict[str, dict[str, Any]]) -> None:
    bucket = "module.bucket.aws_s3_bucket"
    assert planned[f"{bucket}.this"]["bucket"] == "snowveil-terraform-state-333333333333"
    assert planned[f"{bucket}_versioning.this"]["versioning_configuration"][0]["status"] == "Enabled"
    block = planned[f"{bucket}_public_access_block.this"]
    assert all(value for name, value in block.items() if name.startswith(("block_", "ignore_", "restrict_")))
    expiry = [
        rule["noncurrent_version_expiration"] for rule in planned[f"{bucket}_lifecycle_configuration.this"]["rule"]
    ]
    assert [each[0]["noncurrent_days"] for each in expiry] == [365]
    assert planned['module.keys.aws_kms_key.this["state"]']["enable_key_rotation"]


def test_only_tls_and_only_the_key_are_let_in(planned: dict[str, dict[str, Any]]) -> None:
    policy = json.loads(planned["module.bucket.aws_s3_bucket_policy.this"]["policy"])
    denied = {statement["Sid"]: statement for statement in policy["Statement"] if statement["Effect"] == "Deny"}
    assert len(denied) == len(policy["Statement"]) == 2
    assert denied["DenyPlainHttp"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    # With the first condition alone nothing that names a key could be written, with the second alone nothing without.
    assert denied["DenyOtherEncryption"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption": "false"},
        "StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
    }


@pytest.mark.parametrize("name", ["dev", "staging", "production"])
def test_no_environment_writes_its_state_past_the_bucket_s_key(name: str) -> None:
    backend = Environment(name).backend
    # `encrypt` without a key's ARN asks for AES256, which the bucket's policy denies.
    assert "encrypt " not in "\n".join(line for line in backend.read_text().splitlines() if not line.startswith("#"))
    settings = workspace.backend_settings(backend)
    assert settings["key"] == f"{name}/terraform.tfstate"
    assert "use_lockfile = true" in backend.read_text()
