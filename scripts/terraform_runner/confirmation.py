"""The environment's name, typed to confirm a change."""

from __future__ import annotations

import sys

from scripts.terraform_runner.environment import TerraformError


def confirm(name: str, given: str | None) -> None:
    """Ask for the environment's name unless it was `given` with --confirm. Raises TerraformError for any other."""
    if given is None:
        if not sys.stdin.isatty():
            raise TerraformError(f"standard input is not a terminal: pass --confirm {name}")
        given = input(f"This changes {name}. Type its name to go on: ").strip()
    if given != name:
        raise TerraformError(f"{given!r} is not {name}: nothing was changed")
