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
    return re.sub(r'source = "\.\./(?:modules/)?', 'source = "../modules/', "\n".join(blocks))


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_an_example(module: str) -> None:
    assert re.search(rf'^  source = "\.\./modules/{module}"$', example(module), re.MULTILINE)


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
