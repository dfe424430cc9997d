""".gitlab-ci.yml: GitLab's own schema (as check-jsonschema carries it), and what the pipeline must never do."""

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml

from scripts.terraform_runner.environment import ROOT

FILE = ROOT / ".gitlab-ci.yml"
PIPELINE: dict[str, Any] = yaml.safe_load(FILE.read_text())
JOBS = {name: job for name, job in PIPELINE.items() if isinstance(job, dict) and "script" in job}
ENVIRONMENTS = {path.parent.name for path in ROOT.glob("environments/*/backend.hcl")} - {"localstack"}


def test_gitlabs_schema_accepts_it() -> None:
    command = [
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.gitlab-ci",
        "--data-transform",
        "gitlab-ci",
        str(FILE),
    ]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_schema_is_not_empty(tmp_path: Any) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(yaml.safe_dump({"job": {"script": 1}}))
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(broken)]
    assert subprocess.run([sys.executable, *command], capture_output=True, check=False).returncode == 1


def test_plan_json_is_no_artifact() -> None:
    for name, job in JOBS.items():
        artifacts = json.dumps(job.get("artifacts", {}))
        assert "show" not in artifacts, name
        for path in job.get("artifacts", {}).get("paths", []):
            assert not path.endswith((".json", "/", "*")), f"{name}: {path}"
        assert "show -json" not in json.dumps(job["script"]), name


def test_a_merge_request_never_holds_the_role_that_changes_things() -> None:
    for name, job in JOBS.items():
        merged = {**PIPELINE.get(job.get("extends", ""), {}), **job}
        if "APPLY_ROLE_ARN" in json.dumps(merged):
            assert name == "apply"
    (rule,) = JOBS["apply"]["rules"]
    assert rule["when"] == "manual"
    assert "allow_failure" not in rule, "the pipeline waits for the apply"
    assert '$CI_PIPELINE_SOURCE != "merge_request_event"' in rule["if"]


def test_what_was_planned_is_what_is_applied() -> None:
    assert JOBS["apply"]["needs"] == ["plan"]
    assert "build/$ENVIRONMENT/tfplan" in JOBS["plan"]["artifacts"]["paths"]
    assert not any("make plan" in line for line in JOBS["apply"]["script"])


@pytest.mark.parametrize("job", ["review", "plan", "apply", "drift"])
def test_every_environment_is_in_every_job(job: str) -> None:
    merged = {**PIPELINE.get(JOBS[job].get("extends", ""), {}), **JOBS[job]}
    assert set(merged["parallel"]["matrix"][0]["ENVIRONMENT"]) == ENVIRONMENTS


def test_only_waiting_for_approval_is_allowed_to_fail_a_review() -> None:
    assert JOBS["review"]["allow_failure"] == {"exit_codes": [3]}
    assert JOBS["review"]["artifacts"]["reports"] == {"terraform": "build/$ENVIRONMENT/widget.json"}
