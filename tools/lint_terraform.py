"""Check the Terraform: format, validity, names in every environment's settings, tflint's and checkov's rules.

Example: python -m tools.lint_terraform

Exit code 0: nothing found. 1: something is; what and where is printed.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.terraform_runner import workspace
from scripts.terraform_runner.environment import BOOTSTRAP, BUILD, ROOT, Environment
from scripts.terraform_runner.run import progress
from scripts.terraform_runner.unknown_names import unknown_names

if TYPE_CHECKING:
    from collections.abc import Callable

# An administrator applies it by hand: docs/first-deployment.md.
ACCESS = "terraform/access"
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"


def format_problems() -> list[str]:
    """Return the files that `terraform fmt` would change."""
    done = _run("terraform", "fmt", "-check", "-recursive", "terraform", "modules", "environments")
    return [f"{line}: run `make format`" for line in (done.stdout + done.stderr).splitlines()]


def validity_problems(root: str) -> list[str]:
    """Return what `terraform validate` finds in a root module and in the modules that it calls.

    Each module by itself is validated by its own tests. It runs in a copy that takes a newer Terraform than the pinned
    one, since nothing here reaches an account.
    """
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch)
        for name in ("terraform", "modules"):
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("tests", ".terraform*"))
        (tree / root / "version_override.tf").write_text(workspace.ANY_VERSION)
        ready = _run("terraform", "init", "-backend=false", "-input=false", "-no-color", cwd=tree / root)
        if ready.returncode:
            return [f"terraform init failed in {root}: {ready.stderr.strip()}"]
        done = _run("terraform", "validate", "-json", cwd=tree / root)
    problems = []
    for found in json.loads(done.stdout)["diagnostics"]:
        place = found.get("range", {"filename": "?", "start": {"line": 0}})
        problems.append(f"{root}/{place['filename']}:{place['start']['line']}: {found['summary']}: {found['detail']}")
    return problems


def settings_problems() -> list[str]:
    """Return the names in the environments' terraform.tfvars that no variable has: Terraform drops them in silence."""
    names = sorted(path.parent.name for path in ROOT.glob("environments/*/terraform.tfvars"))
    return [line for name in names for line in unknown_names(Environment(name))]


def checkov_problems() -> list[str]:
    """Return checkov's failed checks for the root and the modules it uses, on HCL: on a plan it ignores skips."""
    if not CHECKOV.exists():
        return [f"{CHECKOV.relative_to(ROOT)} is missing: run `make lint`, which installs it"]
    done = _run(
        *(str(CHECKOV), "--directory", "terraform", "--framework", "terraform", "--skip-download"),
        *("--quiet", "--compact", "--output", "json"),
    )
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [f"checkov failed: {done.stderr.strip()[-500:]}"]
    problems = [
        f"{check['repo_file_path']}:{check['file_line_range'][0]}: {check['check_id']} {check['check_name']}"
        for check in report["results"]["failed_checks"]
    ]
    # A file it cannot parse is a file it has not checked.
    if report["summary"]["parsing_errors"]:
        problems.append(f"checkov could not parse {report['summary']['parsing_errors']} files: see LOG_LEVEL=DEBUG")
    return problems


def tflint_problems() -> list[str]:
    """Return what tflint finds with all of its own rules (.tflint.hcl); print a note where it is not installed."""
    if shutil.which("tflint") is None:
        print("tflint is not installed: its rules were not checked (.tflint.hcl)", file=sys.stderr)
        return []
    problems = []
    for root in sorted({path.parent for path in (*ROOT.glob("terraform/**/*.tf"), *ROOT.glob("modules/*/*.tf"))}):
        done = _run("tflint", f"--config={ROOT / '.tflint.hcl'}", "--format=compact", cwd=root)
        where = root.relative_to(ROOT)
        problems += [f"{where}/{line}" for line in done.stdout.splitlines() if ": " in line]
        problems += [f"{where}: {line}" for line in done.stderr.splitlines()]
    return problems


def _run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_DATA_DIR": str(BUILD / "validate")}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def main(arguments: list[str] | None = None) -> int:
    """Run every check; returns the exit code."""
    argparse.ArgumentParser(
        prog="python -m tools.lint_terraform",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    workspace.use_provider_mirror(BUILD)
    problems = []
    checks: dict[str, Callable[[], list[str]]] = {
        "fmt": format_problems,
        "settings": settings_problems,
        **{f"validate {root}": functools.partial(validity_problems, root) for root in ("terraform", ACCESS, BOOTSTRAP)},
        "tflint": tflint_problems,
        "checkov": checkov_problems,
    }
    for what, check in checks.items():
        with progress(what):
            problems += check()
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
