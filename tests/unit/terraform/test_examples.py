"""The examples in the modules' READMEs, planned together: what somebody copies works."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.terraform_runner import workspace
from scripts.terraform_runner.environment import ROOT

MODULES = sorted(path.name for path in (ROOT / "modules").iterdir())
BUILT = ("collector-arm64.tar.gz", "enricher-arm64.tar.gz", "pseudonymizer-arm64.zip")


def example(module: str) -> str:
    """Return the example in a module's README, as a root module beside modules/ would write it."""
    blocks = re.findall(r"(?ms)^```hcl\n(.*?)^```$", (ROOT / "modules" / module / "README.md").read_text())
    return re.sub(r'source +?= "\.\./(?:modules/)?', 'source = "../modules/', "\n".join(blocks))


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_an_example(module: str) -> None:
    assert re.search(rf'^  source +?= "\.\./modules/{module}"$', example(module), re.MULTILINE)


def test_every_example_is_planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "modules", tmp_path / "modules", ignore=shutil.ignore_patterns("tests", ".terraform*"))
    root = tmp_path / "examples"
    shutil.copytree(ROOT / "tests/fixtures/examples", root)
    for module in MODULES:
        (root / f"{module}.tf").write_text(example(module))
    (tmp_path / "build").mkdir()
    for name in BUILT:
        (tmp_path / "build" / name).write_bytes(b"not built here")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "")  # restored afterwards
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "TF_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    workspace.use_provider_mirror(tmp_path)
    for command in (["init", "-input=false"], ["plan", "-input=false", "-lock=false", "-refresh=false"]):
        done = subprocess.run(
            ["terraform", *command, "-no-color"], cwd=root, capture_output=True, text=True, check=False
        )
        assert not done.returncode, done.stderr


OUTSIDE = sorted(path.parent.name for path in ROOT.glob("examples/*/main.tf"))
PROVIDER = """
provider "aws" {
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_example_from_outside_is_planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """With the modules of this tree in place of the tag's, which is the last version that was released."""
    written = (ROOT / "examples" / name / "main.tf").read_text()
    (released,) = re.findall(r"^## \[(\d[\d.]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[:1]
    tags = set(re.findall(r"//modules/[a-z-]+\?ref=(\S+)\"", written))
    assert tags == {f"v{released}"}
    shutil.copytree(ROOT / "modules", tmp_path / "modules", ignore=shutil.ignore_patterns("tests", ".terraform*"))
    root = tmp_path / "outside"
    root.mkdir()
    (root / "main.tf").write_text(re.sub(r'"git::[^"]*//modules/([a-z-]+)\?ref=[^"]*"', r'"../modules/\1"', written))
    (root / "test_override.tf").write_text(PROVIDER)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "")  # restored afterwards
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "TF_DATA_DIR"):
        monkeypatch.delenv(variable, raising=False)
    workspace.use_provider_mirror(tmp_path)
    for command in (["init", "-input=false"], ["plan", "-input=false", "-lock=false", "-refresh=false"]):
        done = subprocess.run(
            ["terraform", *command, "-no-color"], cwd=root, capture_output=True, text=True, check=False
        )
        assert not done.returncode, done.stderr


def test_modules_work_with_both_major_versions_of_the_provider_and_use_nothing_that_the_later_deprecates() -> None:
    for module in MODULES:
        versions = (ROOT / "modules" / module / "versions.tf").read_text()
        assert re.search(r'version +?= ">= 5\.100, < 7"', versions), module
    for path in (*ROOT.glob("modules/*/*.tf"), *ROOT.glob("terraform/**/*.tf")):
        assert not re.search(r"data\.aws_region\.\w+\.name\b", path.read_text()), f"{path}: the region is its id"
