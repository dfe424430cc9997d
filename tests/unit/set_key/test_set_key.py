"""The steps of a key: the first is in force at once, another waits until its check value is deployed."""

import base64
import json
from typing import Any

import pytest

from lambda_src.pseudonymizer.pseudonym import check_value
from scripts import set_key


class Secrets:
    """Versions and stages of one secret, as Secrets Manager keeps them."""

    def __init__(self) -> None:
        self.stages: dict[str, str] = {}
        self.values: dict[str, str] = {}

    def describe_secret(self, **_: str) -> dict[str, Any]:
        versions: dict[str, list[str]] = {}
        for stage, version in self.stages.items():
            versions.setdefault(version, []).append(stage)
        return {"VersionIdsToStages": versions} if versions else {}

    def put_secret_value(self, *, SecretString: str, VersionStages: list[str], **_: str) -> None:  # noqa: N803 - AWS's
        version = f"v{len(self.values)}"
        self.values[version] = SecretString
        self.stages |= dict.fromkeys(VersionStages, version)

    def update_secret_version_stage(self, **call: str) -> None:
        assert self.stages[call["VersionStage"]] == call["RemoveFromVersionId"]
        self.stages[call["VersionStage"]] = call["MoveToVersionId"]

    def current(self) -> list[dict[str, str]]:
        ring: list[dict[str, str]] = json.loads(self.values[self.stages["AWSCURRENT"]])["ring"]
        return ring


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Secrets:
    secrets = Secrets()
    monkeypatch.setattr("boto3.client", lambda _: secrets)
    return secrets


def run(*arguments: str) -> int:
    return set_key.main(["--secret", "key", *arguments])


def test_the_first_key_is_a_ring_of_one_and_never_printed(secrets: Secrets, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    (link,) = secrets.current()
    key = base64.b64decode(link["key"])
    printed = capsys.readouterr().out
    assert len(key) == 32
    assert link["key_id"] in printed
    assert check_value([key]) in printed
    assert link["key"] not in printed
    assert key.hex() not in printed


def test_a_second_key_is_refused_and_a_switch_needs_one_that_waits(secrets: Secrets) -> None:
    assert run("--rotate") == 3
    assert run("--switch") == 3
    run()
    first = secrets.current()
    assert run() == 3
    assert run("--switch") == 3
    assert secrets.current() == first


def test_a_rotated_key_is_in_force_only_after_the_switch(secrets: Secrets) -> None:
    run()
    first = secrets.current()
    assert run("--rotate") == 0
    assert secrets.current() == first
    assert run("--switch") == 0
    assert secrets.current() != first
