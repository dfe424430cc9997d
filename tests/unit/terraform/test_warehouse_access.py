"""Snowflake's role, planned with the whole root: bucket and key name it as a reader of what was delivered."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts.terraform_runner.environment import Environment
from tests.iam.account import ADMINISTRATOR
from tests.iam.evaluator import Decision, Request
from tests.unit.terraform.planned import account_of, changed_resources, planned_account
from tests.unit.terraform.test_settings import planned


@pytest.mark.timeout(300)
def test_the_warehouses_role_reads_three_prefixes_and_nobody_assumes_it_before_snowflake_is_known(
    packages: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    saved = tmp_path / "tfplan"
    done = planned(packages, monkeypatch, saved, warehouse={})
    assert not done.returncode, done.stderr
    shown = subprocess.run(
        ["terraform", "show", "-json", str(saved)],
        cwd=Environment("dev", offline=True, packages=packages, scratch=packages.parent).working_directory,
        capture_output=True,
        check=True,
    )
    resources = changed_resources(json.loads(shown.stdout))
    account, lake = planned_account(resources)
    ours = account_of(resources)
    role = f"arn:aws:iam::{ours}:role/snowplow-warehouse"

    def may(action: str, place: str) -> bool:
        return account.decide(Request(role, action, place, {}, owner=ours), ADMINISTRATOR) is Decision.ALLOWED

    for prefix in ("output", "enriched-bad", "raw-bad"):
        assert may("s3:GetObject", f"{lake}/{prefix}/2026/x"), prefix
    assert may("kms:Decrypt", "lake")
    for place in ("firehose-errors/output/x", "elsewhere/x"):
        assert not may("s3:GetObject", f"{lake}/{place}"), place
    for key in ("streams", "quarantine", "secrets"):
        assert not may("kms:Decrypt", key), key
    trust = json.loads(resources['module.warehouse_access["warehouse"].aws_iam_role.this']["assume_role_policy"])
    assert [(each["Effect"], each["Principal"]) for each in trust["Statement"]] == [("Deny", {"AWS": "*"})]
