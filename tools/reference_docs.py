"""Write the reference pages that follow from code: commands.md, alarms.md and rooms.md in docs/reference.

Example: python -m tools.reference_docs; python -m tools.reference_docs --check

Commands come from the Makefile's `##` comments and the first sentence of each command's docstring, alarms from
`local.alarms` of the modules, rooms from the import linter's layers.

Exit code 0: written, or with --check: up to date. 1: with --check: not; each is named.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hcl2

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = "<!-- Written by python -m tools.reference_docs -->\n"
_TARGET = re.compile(r"^([a-z][a-z-]*):[^#=]*## (.+)$|^##@ (.+)$", re.MULTILINE)
_ENTRY = re.compile(r'^if __name__ == "__main__":', re.MULTILINE)


def commands(root: Path) -> str:
    """Return the page of commands: make's targets by group, then each Python command."""
    lines = [
        "# Commands\n",
        WRITTEN,
        "`make help` prints the first tables, `--help` of a command its options, an example and its exit codes.",
    ]
    for target, meaning, group in _TARGET.findall((root / "Makefile").read_text()):
        if group:
            lines.append(f"\n## {group}\n\n| command | what it does |\n|---|---|")
        else:
            lines.append(f"| `make {target}` | {_cell(meaning)} |")
    for folder, heading in (("scripts", "Operators' commands"), ("tools", "Developers' commands")):
        lines.append(f"\n## {heading}\n\n| command | what it does |\n|---|---|")
        lines += [f"| `python -m {module}` | {_cell(meaning)} |" for module, meaning in _programs(root, folder)]
    return "\n".join(lines) + "\n"


def _programs(root: Path, folder: str) -> Iterator[tuple[str, str]]:
    """Yield module and first sentence of each file below `folder` that can be run."""
    for file in sorted((root / folder).rglob("*.py")):
        source = file.read_text()
        docstring = ast.get_docstring(ast.parse(source)) if _ENTRY.search(source) else None
        if docstring is not None:
            yield _module(file.relative_to(root)), docstring.partition("\n\n")[0]


def _module(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__main__")


def alarms(root: Path) -> str:
    """Return the page of alarms: each entry of `local.alarms` in a module, with its metric and what it means."""
    lines = [
        "# Alarms\n",
        WRITTEN,
        "An alarm is named `<resource>-<alarm>` and sends to the topic of `modules/alarms`; an expression in a",
        "threshold is a setting of the module. Adding one: [how-to](../how-to/add-an-alarm.md).\n",
        "| module | alarm | metric | statistic | threshold | what it means |",
        "|---|---|---|---|---|---|",
    ]
    for file in sorted((root / "modules").glob("*/*.tf")):
        for name, entry in _alarms_of(file):
            cells = [entry.get(key, "") for key in ("metric", "statistic", "threshold", "description")]
            lines.append(f"| `{file.parent.name}` | {name} | {' | '.join(_cell(str(cell)) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _alarms_of(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and entry of each alarm of a Terraform file; `merge(local.x, {…})` is what it merges."""
    text = file.read_text()
    if not re.search(r"^  alarms += ", text, re.MULTILINE):
        return
    with file.open() as opened:
        parsed = hcl2.load(opened)
    local = {name: value for block in parsed.get("locals", []) for name, value in block.items()}
    fixed = {
        key: value
        for block in parsed.get("resource", [])
        for kind, resource in block.items()
        if kind.strip('"') == "aws_cloudwatch_metric_alarm"
        for key, value in resource.get('"this"', resource.get("this", {})).items()
        if "each.value" not in str(value)
    }
    found = local["alarms"]
    if isinstance(found, str):  # some are only there under a condition: `condition ? {} : {…}`
        found = _object("{" + found.removeprefix("${").removesuffix("}").partition(" : {")[2])
    for name, entry in found.items():
        yield name.strip('"'), fixed | (entry if isinstance(entry, dict) else _merged(entry, local))


def _merged(expression: str, local: dict[str, Any]) -> dict[str, Any]:
    """Return what `${merge(local.base, {key = value …})}` gives, the inner object being written in HCL."""
    base, _, own = expression.removeprefix("${").removesuffix("}").removeprefix("merge(local.").partition(",")
    return {**local[base.strip()], **_object(own.strip().removesuffix(")"))}


def _object(expression: str) -> dict[str, Any]:
    """Return what an object written in HCL holds."""
    entry: dict[str, Any] = hcl2.loads(f"entry = {expression}\n")["entry"]
    return entry


def rooms(root: Path) -> str:
    """Return the page of rooms: the layers that the import linter enforces, and what each package says of itself."""
    parsed = tomllib.loads((root / "pyproject.toml").read_text())
    lines = [
        "# Rooms\n",
        WRITTEN,
        "A room imports only rooms of lower lines, none of its own line. `make lint` enforces it",
        "(`tool.importlinter` in `pyproject.toml`). Why: [explanation](../explanation/rooms.md).",
    ]
    for contract in parsed["tool"]["importlinter"]["contracts"]:
        if contract["type"] == "layers":
            lines += [f"\n## {contract['name']}\n\n| line | room | what lives there |\n|---|---|---|"]
            (container,) = contract.get("containers", [""])
            for number, layer in enumerate(contract["layers"], 1):
                for room in (each.strip() for each in layer.split("|")):
                    path = root / f"{container}.{room}".strip(".").replace(".", "/")
                    lines.append(f"| {number} | `{room}` | {_cell(_says(path))} |")
    return "\n".join(lines) + "\n"


def _says(path: Path) -> str:
    """Return the first sentence of a package's or module's docstring."""
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text())) or ""
    return docstring.partition("\n\n")[0]


def _cell(text: str) -> str:
    """Return text as a cell of a table; an expression that is the whole value loses its frame."""
    whole = re.fullmatch(r"\$\{(.*)\}", text) if text.count("${") == 1 else None
    text = " ".join((whole[1] if whole else text).strip('"').split())
    return text.replace("|", "\\|").replace("<", "&lt;")


def pages(root: Path) -> dict[Path, str]:
    """Return each page's path and text."""
    folder = root / "docs/reference"
    return {
        folder / "commands.md": commands(root),
        folder / "alarms.md": alarms(root),
        folder / "rooms.md": rooms(root),
    }


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.reference_docs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a page is not up to date")
    options = parser.parse_args(arguments)
    stale = False
    for page, text in pages(root).items():
        if page.exists() and page.read_text() == text:
            continue
        stale = True
        if options.check:
            print(f"{page.relative_to(root)} is not up to date: run `python -m tools.reference_docs`")
        else:
            page.write_text(text)
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
