"""tflint's rules: found where they are broken, and skipped in one line where tflint is missing."""

import shutil
from pathlib import Path

import pytest

from scripts.terraform_runner.environment import ROOT
from tools import lint_terraform


def test_missing_tflint_is_one_line_that_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert lint_terraform.tflint_problems() == []
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("tflint is missing, its rules are skipped: go install github.com/terraform-linters/tflint@v")


@pytest.mark.skipif(shutil.which("tflint") is None, reason="tflint is missing")
def test_broken_rule_is_named_with_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / ".tflint.hcl", tmp_path)
    module = tmp_path / "modules/unused"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(
        'variable "unused" {\n  description = "Nothing uses it"\n  type        = string\n}\n'
    )
    monkeypatch.setattr(lint_terraform, "ROOT", tmp_path)
    assert any("main.tf:1: terraform_unused_declarations" in line for line in lint_terraform.tflint_problems())


def test_ci_installs_the_version_that_the_linter_names() -> None:
    pipeline = (ROOT / ".gitlab-ci.yml").read_text()
    assert f"tflint/releases/download/v{lint_terraform.TFLINT_VERSION}/" in pipeline
