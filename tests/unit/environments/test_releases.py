"""The commands around a release: the pinned image, and the watch that undoes a bad one."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts import ami
from scripts.terraform_runner.environment import TerraformError
from scripts.watch import Watched, watch


def stubbed(service: str) -> tuple[Any, Stubber]:
    client = boto3.client(
        service,  # type: ignore[call-overload]
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    return client, Stubber(client)


class Account:
    """Answers of an account, by hand: a status a look, and the alarms that are on."""

    def __init__(self, statuses: list[str], alarms: list[str], weights: dict[str, float]) -> None:
        self.statuses, self.on, self.weights = statuses, alarms, weights
        self.asked = 0

    def describe_instance_refreshes(self, **_: Any) -> dict[str, Any]:
        status = self.statuses[min(self.asked // 2, len(self.statuses) - 1)]
        self.asked += 1
        return {"InstanceRefreshes": [{"Status": status}]}

    def describe_alarms(self, AlarmNamePrefix: str, StateValue: str) -> dict[str, Any]:  # noqa: N803
        assert StateValue == "ALARM"
        return {"MetricAlarms": [{"AlarmName": name} for name in self.on if name.startswith(AlarmNamePrefix)]}

    def get_alias(self, **_: Any) -> dict[str, Any]:
        return {"RoutingConfig": {"AdditionalVersionWeights": self.weights}} if self.weights else {}

    def update_alias(self, RoutingConfig: dict[str, dict[str, float]], **_: Any) -> None:  # noqa: N803
        self.weights = RoutingConfig["AdditionalVersionWeights"]

    def watched(self) -> Watched:
        return Watched({"collector": "p-collector"}, {"output": "p-pseudonymizer-output"}, self, self, self)


def run(account: Account, minutes: float = 1) -> list[str]:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return watch(account.watched(), minutes, lambda _: None, clock=lambda: now[0], sleep=sleep)


def test_a_release_that_stays_well_is_watched_until_its_refresh_has_ended() -> None:
    account = Account(["InProgress"] * 9 + ["Successful"], [], {})
    assert run(account) == []
    assert account.asked == 20


@pytest.mark.parametrize("status", ["Failed", "RollbackInProgress", "RollbackSuccessful", "Cancelled"])
def test_a_refresh_that_was_rolled_back_is_a_failed_release(status: str) -> None:
    assert run(Account(["InProgress", status], [], {})) == [f"collector: the refresh is {status}"]


def test_an_alarm_takes_every_batch_from_the_version_on_trial() -> None:
    account = Account(["Successful"], ["p-pseudonymizer-output-errors", "another-alarm"], {"13": 0.1})
    assert run(account) == [
        "p-pseudonymizer-output-errors is on",
        "p-pseudonymizer-output: the version on trial gets no batch any more",
    ]
    assert account.weights == {}


def test_an_alarm_without_a_trial_is_named_and_changes_nothing() -> None:
    assert run(Account(["Successful"], ["p-collector-errors"], {})) == ["p-collector-errors is on"]


def test_the_newest_image_is_read_for_the_architecture() -> None:
    client, stub = stubbed("ssm")
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    stub.add_response("get_parameter", {"Parameter": {"Value": "ami-1"}}, {"Name": name})
    with stub:
        assert ami.newest_image(client, "arm64") == "ami-1"


def test_pinning_an_image_changes_its_line_only() -> None:
    text = 'region = "eu-west-1"\nami_id       = "ami-0" # replace\nx = 1\n'
    assert ami.pin(text, "ami-1") == 'region = "eu-west-1"\nami_id       = "ami-1"\nx = 1\n'
    with pytest.raises(TerraformError, match="has 0 lines that begin with ami_id"):
        ami.pin("x = 1\n", "ami-1")


def test_the_command_says_which_image_is_newer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tfvars = tmp_path / "dev" / "terraform.tfvars"
    tfvars.parent.mkdir()
    tfvars.write_text('region = "eu-west-1"\narchitecture = "arm64"\nami_id = "ami-0"\n')
    monkeypatch.setattr(ami, "newest_image", lambda *_: "ami-1")
    monkeypatch.setattr(ami, "Environment", lambda _: type("E", (), {"tfvars": tfvars}))
    monkeypatch.setattr(boto3, "client", lambda *_, **__: None)
    assert ami.main(["--env", "dev"]) == 2
    assert capsys.readouterr().out == "ami-0 is pinned, ami-1 is the newest\n"
    assert ami.main(["--env", "dev", "--write"]) == 0
    assert ami.main(["--env", "dev"]) == 0
    assert 'ami_id = "ami-1"' in tfvars.read_text()
