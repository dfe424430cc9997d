"""Say what this machine lacks, which commands need it, and how to get it.

It imports nothing but Python's own library, since it runs before `make install`: with any Python from 3.9 on.

Example: python3 -m scripts.doctor

Exit code 0: `make demo` and `make test` can run. 1: something that they need is missing or too old.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Tool:
    """A program that commands of the Makefile use; `arguments` make it print its version.

    `required`: `make demo` or `make test` fails without it. Without another one, what needs it is skipped and named.
    """

    name: str
    needed_by: str
    remedy: str
    minimum: tuple[int, ...] = ()
    arguments: tuple[str, ...] = ("--version",)
    required: bool = False


def pinned_terraform() -> tuple[int, ...]:
    """Return the version that plans and applies are made with."""
    return _version((ROOT / ".terraform-version").read_text())


def tools() -> list[Tool]:
    """Return every program that a command of the Makefile uses and does not install itself."""
    terraform = ".".join(map(str, pinned_terraform()))
    return [
        Tool("git", "plan, apply, review", "install git from your distribution"),
        Tool(
            "terraform",
            "demo, test, lint, plan, apply",
            f"put version {terraform} of developer.hashicorp.com/terraform/install on PATH",
            minimum=pinned_terraform(),
            required=True,
        ),
        Tool(
            "java",
            "test (the fleet of enrichers), faults-enricher",
            "install Java 17 or later, on Debian: apt-get install openjdk-17-jre-headless",
            minimum=(17,),
            arguments=("-version",),
            required=True,
        ),
        Tool(
            "npm",
            "test (Snowplow's trackers for browsers and Node), browser-test",
            "install Node.js 20 or later",
        ),
        Tool("node", "test (Snowplow's tracker for Node), browser-test", "install Node.js 20 or later", minimum=(20,)),
        Tool("chromium", "test (a real browser), browser-test", "on Debian: apt-get install chromium"),
        Tool("promtool", "test (what Prometheus accepts)", "on Debian: apt-get install prometheus"),
        Tool(
            "openssl",
            "test (pseudonyms by another implementation)",
            "on Debian: apt-get install openssl",
            arguments=("version",),
        ),
    ]


@dataclass(frozen=True)
class Finding:
    """What was found of one program: `problem` is None when it can be used, `version` None when it is not there."""

    name: str
    needed_by: str
    required: bool
    version: Optional[str]  # noqa: UP045 - Python 3.9 reads this file
    problem: Optional[str]  # noqa: UP045
    note: str = ""


def examine(tool: Tool) -> Finding:
    """Look for a program on PATH and compare its version."""
    if shutil.which(tool.name) is None:
        return Finding(tool.name, tool.needed_by, tool.required, None, f"missing: {tool.remedy}")
    done = subprocess.run([tool.name, *tool.arguments], capture_output=True, text=True, check=False)
    version = _version(done.stdout or done.stderr)
    text = ".".join(map(str, version))
    problem = note = None
    if version < tool.minimum:
        problem = f"{text} is too old: {tool.remedy}"
    elif tool.name == "terraform" and version != tool.minimum:
        note = (
            f"newer than {'.'.join(map(str, tool.minimum))}: enough for demo and offline plans, not for plan and apply"
        )
    return Finding(tool.name, tool.needed_by, tool.required, text, problem, note or "")


def examine_python() -> Finding:
    """Look for the module that creates the environments of `make install`."""
    text = ".".join(map(str, sys.version_info[:3]))
    lacks = importlib.util.find_spec("ensurepip") is None
    problem = "has no venv module: on Debian: apt-get install python3-venv" if lacks else None
    return Finding("python3", "everything", True, text, problem)


def _version(text: str) -> tuple[int, ...]:
    match = re.search(r"\d+(\.\d+)*", text)
    return tuple(map(int, match[0].split("."))) if match else ()


def _print(findings: list[Finding]) -> None:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for finding in findings:
        mark, code = ("ok", 32) if finding.problem is None else ("MISSING", 31) if finding.required else ("lacks", 33)
        shown = f"{mark:<8}"
        shown = f"\033[{code}m{shown}\033[0m" if colour else shown
        said = finding.problem or " ".join(filter(None, (finding.version, finding.note)))
        print(f"{shown} {finding.name:<10} {said}")
        if finding.problem:
            print(f"{'':<8} {'':<10} needed by: {finding.needed_by}")


def main() -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python3 -m scripts.doctor", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    arguments = parser.parse_args()
    findings = [examine_python(), *map(examine, tools())]
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print(findings)
    return 1 if any(finding.required and finding.problem for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
