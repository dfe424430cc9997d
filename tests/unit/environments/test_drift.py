"""What was changed outside Terraform is named, and nothing of its values is."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from scripts import apply, drift
from scripts.terraform_runner import workspace
from tests.unit.environments.checkout import Checkout

GROUP = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
  backend "local" {}
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

resource "aws_cloudwatch_log_group" "events" {
  name              = "secret-name"
  retention_in_days = 30
}
"""
ARN = "arn:aws:logs:eu-west-1:111111111111:log-group:secret-name"
ATTRIBUTES = {
    "arn": ARN,
    "id": "secret-name",
    "kms_key_id": "",
    "log_group_class": "STANDARD",
    "name": "secret-name",
    "name_prefix": "",
    "retention_in_days": 30,
    "skip_destroy": False,
    "tags": {},
    "tags_all": {},
}
STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 1,
    "lineage": "5f2c63a0-0000-4000-8000-000000000000",
    "outputs": {},
    "resources": [
        {
            "mode": "managed",
            "type": "aws_cloudwatch_log_group",
            "name": "events",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"schema_version": 0, "attributes": ATTRIBUTES}],
        }
    ],
}


class Logs(BaseHTTPRequestHandler):
    """CloudWatch Logs with the log groups of `groups`."""

    groups: tuple[dict[str, Any], ...] = ()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        listed = self.headers["X-Amz-Target"].endswith("DescribeLogGroups")
        body = json.dumps({"logGroups": self.groups} if listed else {"tags": {}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def account(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Logs]]:
    checkout.write("terraform/main.tf", GROUP)
    checkout.write("states/dev.tfstate", json.dumps(STATE))
    checkout.write("environments/dev/terraform.tfvars", "")
    if workspace.provider_mirror() is None:
        pytest.skip("needs the provider in a mirror of this machine")
    server = HTTPServer(("127.0.0.1", 0), Logs)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    yield Logs
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("groups", "code", "said"),
    [
        ([], 2, "aws_cloudwatch_log_group.events: deleted outside Terraform\n"),
        ([{"retentionInDays": 1}], 2, "aws_cloudwatch_log_group.events: retention_in_days changed outside Terraform\n"),
        ([{"retentionInDays": 30}], 0, ""),
    ],
)
def test_drift_is_named_without_values(
    account: type[Logs],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    groups: list[dict[str, int]],
    code: int,
    said: str,
) -> None:
    found = [{"logGroupName": "secret-name", "arn": f"{ARN}:*", "logGroupClass": "STANDARD", **each} for each in groups]
    monkeypatch.setattr(account, "groups", tuple(found))
    assert drift.main(["--env", "dev"]) == code
    out, err = capfd.readouterr()
    assert out == said
    assert "secret" not in err


def test_what_cannot_be_compared_is_an_error(checkout: Checkout, refusal: Callable[[int], str]) -> None:
    checkout.write("environments/dev/terraform.tfvars", 'environment = "dev"\n')
    assert refusal(drift.main(["--env", "dev"])) == "environments/dev/terraform.tfvars lacks version_of_it"


def test_a_saved_plan_is_left_alone(planned: Checkout, capfd: pytest.CaptureFixture[str]) -> None:
    assert drift.main(["--env", "dev"]) == 0
    assert capfd.readouterr().out == ""
    assert not (planned.root / "build/dev/drift.tfplan").exists()
    assert apply.main(["--env", "dev"]) == 0
