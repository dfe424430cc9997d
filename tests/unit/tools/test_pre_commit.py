"""The hooks before a commit are the commands of `make lint`."""

import re

import yaml

from scripts.terraform_runner.environment import ROOT


def commands_of_lint() -> set[str]:
    """Return program and first arguments of each command of the Makefile's target."""
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    text = recipe[1].replace("$(PYTHON)", ".venv/bin/python").replace("$(SOURCES)", "wire")
    return set(re.findall(r"\.venv/bin/(python -m [\w.]+|ruff \w+|[\w-]+)", text))


def test_every_command_of_make_lint_is_a_hook() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    entries = " ".join(hook["entry"] for hook in hooks)
    assert len(commands_of_lint()) > 5
    missing = [command for command in commands_of_lint() if f".venv/bin/{command}" not in entries]
    assert missing == [], "add a hook to .pre-commit-config.yaml"
