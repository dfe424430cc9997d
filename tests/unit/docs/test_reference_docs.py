"""The generated reference pages: what they take from Makefile, docstrings and Terraform."""

from pathlib import Path

import pytest

from tools import reference_docs

MAKEFILE = """
##@ Start here
help: ## List the commands
demo: a b ## Run it | all
clean:
"""
ALARMS = """
locals {
  base = { statistic = "Sum", threshold = 0 }

  alarms = {
    late = merge(local.base, {
      metric      = "Age"
      description = "Older than ${var.minutes} minutes"
      threshold   = var.minutes * 60
    })
  }
}
"""


LAYERS = """
[[tool.importlinter.contracts]]
name = "Rooms of the relay"
type = "layers"
containers = ["services.relay"]
layers = ["__main__", "sink | text"]

[[tool.importlinter.contracts]]
name = "no tests"
type = "forbidden"
"""


def repository(root: Path) -> Path:
    for folder in ("scripts", "tools", "modules/stream", "docs/reference", "services/relay/sink"):
        (root / folder).mkdir(parents=True)
    (root / "Makefile").write_text(MAKEFILE)
    (root / "scripts/plan.py").write_text('"""Plan it.\n\nMore."""\nif __name__ == "__main__":\n    pass\n')
    (root / "scripts/shared.py").write_text('"""Not a command."""\n')
    (root / "modules/stream/alarms.tf").write_text(ALARMS)
    (root / "pyproject.toml").write_text(LAYERS)
    (root / "services/relay/__main__.py").write_text('"""Run it."""\n')
    (root / "services/relay/sink/__init__.py").write_text('"""The way out.\n\nMore."""\n')
    (root / "services/relay/text.py").write_text('"""Formats."""\n')
    return root


def test_commands_come_from_makefile_and_docstrings(tmp_path: Path) -> None:
    page = reference_docs.commands(repository(tmp_path))

    assert "## Start here" in page
    assert "| `make demo` | Run it \\| all |" in page
    assert "| `python -m scripts.plan` | Plan it. |" in page
    assert "clean" not in page
    assert "shared" not in page


def test_alarms_come_from_the_modules_and_from_what_they_merge(tmp_path: Path) -> None:
    page = reference_docs.alarms(repository(tmp_path))

    row = "| `stream` | late | Age | Sum | var.minutes * 60 | Older than ${var.minutes} minutes |"
    assert row in page.splitlines()


def test_rooms_come_from_the_import_linter_and_say_what_lives_there(tmp_path: Path) -> None:
    rows = [line for line in reference_docs.rooms(repository(tmp_path)).splitlines() if line.startswith("| ")]

    assert rows[1:] == ["| 1 | `__main__` | Run it. |", "| 2 | `sink` | The way out. |", "| 2 | `text` | Formats. |"]


def test_check_fails_until_the_pages_are_written(tmp_path: Path) -> None:
    root = repository(tmp_path)

    assert reference_docs.main(["--check"], root) == 1
    assert reference_docs.main([], root) == 0
    assert reference_docs.main(["--check"], root) == 0


def test_the_pages_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert reference_docs.main(["--check"]) == 0, capsys.readouterr().out
