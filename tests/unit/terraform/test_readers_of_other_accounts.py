"""A reader of another account, planned with the whole root: bucket and key let in exactly the named role."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts.terraform_runner.environment import Environment
from tests.iam.account import ADMINISTRATOR
from tests.iam.evaluator import Decision, Request
from tests.unit.terraform.planned import changed_resources, planned_account
from tests.unit.terraform.test_settings import planned

OURS, THEIRS = "111111111111", "222222222222"
NAMED = f"arn:aws:iam::{THEIRS}:role/analyst"


@pytest.mark.timeout(300)
def test_bucket_and_key_let_in_the_named_role_of_another_account_only(
    packages: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    saved = tmp_path / "tfplan"
    done = planned(packages, monkeypatch, saved, lake={"readers": {"output/": [NAMED]}})
    assert not done.returncode, done.stderr
    shown = subprocess.run(
        ["terraform", "show", "-json", str(saved)],
        cwd=Environment("dev", offline=True, packages=packages, scratch=packages.parent).working_directory,
        capture_output=True,
        check=True,
    )
    account, lake = planned_account(changed_resources(json.loads(shown.stdout)))

    def may(role: str, action: str, place: str, **context: str) -> bool:
        """Whether a role that its own account allows everything may do it."""
        return account.decide(Request(role, action, place, context, owner=OURS), ADMINISTRATOR) is Decision.ALLOWED

    assert may(NAMED, "s3:GetObject", f"{lake}/output/2026/x")
    assert may(NAMED, "kms:Decrypt", "lake")
    assert may(NAMED, "s3:ListBucket", lake, **{"s3:prefix": "output/2026/"})
    assert not may(NAMED, "s3:ListBucket", lake, **{"s3:prefix": "firehose-errors/"})
    for place in ("firehose-errors/output/x", "enriched-bad/x", "elsewhere/x"):
        assert not may(NAMED, "s3:GetObject", f"{lake}/{place}"), place
    for action in ("s3:PutObject", "s3:DeleteObject"):
        assert not may(NAMED, action, f"{lake}/output/x"), action
    for key in ("streams", "quarantine", "secrets"):
        assert not may(NAMED, "kms:Decrypt", key), key
    for stranger in (f"arn:aws:iam::{THEIRS}:role/another", "arn:aws:iam::333333333333:role/analyst"):
        assert not may(stranger, "s3:GetObject", f"{lake}/output/x"), stranger
        assert not may(stranger, "kms:Decrypt", "lake"), stranger
