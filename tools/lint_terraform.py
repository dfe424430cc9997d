"""Check the Terraform: format, validity, names in every environment's settings, tflint's and checkov's rules.

Without tflint its rules are skipped, which one line says.

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
from scripts.terraform_runner.environment import BOOTSTRAP, ROOT, Environment
from scripts.terraform_runner.run import progress
from scripts.terraform_runner.unknown_names import unknown_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# An administrator applies it by hand: docs/first-deployment.md.
ACCESS = "terraform/access"
ROOTS = ("terraform", ACCESS, BOOTSTRAP)
# What CI installs (.gitlab-ci.yml).
TFLINT_VERSION = "0.55.1"
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"


def format_problems() -> list[str]:
    """Return the files that `terraform fmt` would change."""
    done = _run("terraform", "fmt", "-check", "-recursive", "terraform", "modules", "environments")
    return [f"{line}: run `make format`" for line in (done.stdout + done.stderr).splitlines()]


def validity_problems(tree: Path, root: str) -> list[str]:
    """Return what `terraform validate` finds in a root module and in the modules that it calls.

    It runs in `tree`, a copy, where no other process runs Terraform and which takes a newer Terraform than the pinned
    one, since nothing here reaches an account. Each module by itself is validated by its own tests.
    """
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


def tflint_problems() -> list[str]:
    """Return what tflint finds in the root modules and in each module, by the rules of .tflint.hcl."""
    if shutil.which("tflint") is None:
        print(
            "tflint is missing, its rules are skipped: "
            f"go install github.com/terraform-linters/tflint@v{TFLINT_VERSION}",
            file=sys.stderr,
        )
        return []
    problems = []
    for directory in sorted(
        {path.parent for place in ("terraform", "modules") for path in ROOT.glob(f"{place}/**/*.tf")}
    ):
        name = str(directory.relative_to(ROOT))
        done = _run("tflint", f"--chdir={name}", f"--config={ROOT / '.tflint.hcl'}", "--format=json")
        try:
            report = json.loads(done.stdout)
        except json.JSONDecodeError:
            return [f"tflint failed in {name}: {done.stderr.strip()[-500:]}"]
        problems += [f"tflint failed in {name}: {error['message']}" for error in report["errors"]]
        for issue in report["issues"]:
            place = issue["range"]
            text = f"{issue['rule']['name']}: {issue['message']}"
            problems.append(f"{place['filename']}:{place['start']['line']}: {text}")
    return problems


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


def _run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd or ROOT, env=os.environ, capture_output=True, text=True, check=False)


def _problems(scratch: Path) -> Iterator[str]:
    tree = scratch / "tree"
    for name in ("terraform", "modules"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("tests", ".terraform*"))
    workspace.use_provider_mirror(scratch)
    checks: dict[str, Callable[[], list[str]]] = {
        "fmt": format_problems,
        "settings": settings_problems,
        **{f"validate {root}": functools.partial(validity_problems, tree, root) for root in ROOTS},
        "tflint": tflint_problems,
        "checkov": checkov_problems,
    }
    for what, check in checks.items():
        with progress(what):
            yield from check()


def main(arguments: list[str] | None = None) -> int:
    """Run every check; returns the exit code."""
    argparse.ArgumentParser(
        prog="python -m tools.lint_terraform",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        problems = list(_problems(Path(scratch)))
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
