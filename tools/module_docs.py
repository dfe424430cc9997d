"""Write the tables of inputs and outputs at the end of every module's README, from its files' variables and outputs.

Example: python -m tools.module_docs; python -m tools.module_docs --check

Exit code 0: written, or with --check: up to date. 1: with --check: not; each file is named.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import hcl2

MODULES = Path(__file__).resolve().parent.parent / "modules"
MARK = "<!-- Written by python -m tools.module_docs from here to the end -->\n"


def tables(module: Path) -> str:
    """Return both tables of a module's directory, in Markdown."""
    inputs = "".join(
        f"| `{name}` | {_type(variable['type'])} | {_default(variable)} | {_text(variable['description'])} |\n"
        for file in sorted(module.glob("*.tf"), key=lambda file: (file.stem != "variables", file.stem))
        for name, variable in _blocks(file, "variable")
    )
    outputs = "".join(
        f"| `{name}` | {_text(output['description'])} |\n" for name, output in _blocks(module / "outputs.tf", "output")
    )
    return (
        "## Inputs\n\n| name | type | default | what it is |\n|---|---|---|---|\n"
        f"{inputs}\n## Outputs\n\n| name | what it is |\n|---|---|\n{outputs}"
    )


def documented(module: Path) -> str:
    """Return the module's README as it should be."""
    written, _, _ = (module / "README.md").read_text().partition(MARK)
    return f"{written.rstrip()}\n\n{MARK}\n{tables(module)}"


def _blocks(file: Path, kind: str) -> list[tuple[str, dict[str, Any]]]:
    with file.open() as opened:
        parsed = hcl2.load(opened)
    return [(name.strip('"'), body) for block in parsed.get(kind, []) for name, body in block.items()]


def _text(literal: str) -> str:
    """Return a string or heredoc literal as one line that a table takes."""
    text = literal.strip('"')
    if text.startswith("<<"):
        text = textwrap.dedent(text.split("\n", 1)[1].rpartition("\n")[0])
    else:
        text = json.loads(f'"{text}"')
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _type(expression: str) -> str:
    """Return the type; of an object its name only: variables.tf shows its attributes better than a table can."""
    expression = expression.removeprefix("${").removesuffix("}")
    container, is_object, _ = expression.partition("object(")
    return f"`{expression}`" if not is_object else f"{container.replace('(', ' of ')}object"


def _default(variable: dict[str, Any]) -> str:
    if "default" not in variable:
        return "required"
    default = variable["default"]
    return f"`{default}`" if isinstance(default, str) else f"`{json.dumps(default).replace('\\"', '')}`"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.module_docs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a table is not up to date")
    options = parser.parse_args(arguments)
    stale = False
    for module in sorted(path.parent for path in MODULES.glob("*/variables.tf")):
        readme, text = module / "README.md", documented(module)
        if readme.read_text() == text:
            continue
        stale = True
        if options.check:
            print(f"modules/{module.name}/README.md is not up to date: run `python -m tools.module_docs`")
        else:
            readme.write_text(text)
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
