"""Break the Terraform on purpose, one defect at a time, and tell whether the tests notice.

Each entry of tests/fixtures/terraform_mutations.yaml replaces one text in a copy of the repository; then the tests of
its module run, or the rules over the plan of production. A defect that no test notices is printed as SURVIVED. A defect
takes some ten seconds, so this is not part of `make test`; that every entry still fits its file is.

Example: python -m tools.mutate_terraform --only quarantine

Exit code 0: every defect was noticed. 1: one survived, or an entry does not fit its file any more.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
import yaml

from scripts.terraform_runner import workspace
from scripts.terraform_runner.environment import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = ROOT / "tests/fixtures/terraform_mutations.yaml"
COPIED = ("environments", "lambda_src", "modules", "policy", "scripts", "services", "terraform", "tests", "wire")
PLAN_TESTS = ("tests/unit/terraform/test_plan_policies.py", "tests/unit/terraform/test_plans.py")
# The rules over one environment's plan, and those that need none.
OF_PRODUCTION = "not dev and not staging and not localstack"


class Mutation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One defect: in `file`, `find` (which occurs once) becomes `replace`. `by` are the tests that must notice."""

    what: str
    file: str
    find: str
    replace: str
    by: Literal["module", "plan"] = "module"

    def fits(self) -> bool:
        """Return whether the file holds the text exactly once."""
        return (ROOT / self.file).read_text().count(self.find) == 1


def read_mutations() -> list[Mutation]:
    """Return the list of defects."""
    return msgspec.convert(yaml.safe_load(FILE.read_text()), list[Mutation])


class Copy:
    """A copy of what the tests read, in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for name in COPIED:
            shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns(".terraform*", "__pycache__"))
        for name in (".terraform-version", "pyproject.toml"):
            shutil.copy(ROOT / name, directory)
        workspace.use_provider_mirror(directory)
        self._ready: set[Path] = set()

    def noticed(self, mutation: Mutation) -> str | None:
        """Return which test notices the defect, None if none does."""
        file = self.directory / mutation.file
        good = file.read_text()
        file.write_text(good.replace(mutation.find, mutation.replace))
        try:
            module = self.directory / Path(*Path(mutation.file).parts[:2])
            return self._of_module(module) if mutation.by == "module" else self._of_plan()
        finally:
            file.write_text(good)

    def _of_module(self, module: Path) -> str | None:
        """Return the first run of the module's tests that fails."""
        if module not in self._ready:
            subprocess.run(
                ["terraform", "init", "-backend=false"], cwd=module, env=self._env(), capture_output=True, check=True
            )
            self._ready.add(module)
        command = ["terraform", "test", "-json"]
        with subprocess.Popen(command, cwd=module, env=self._env(), stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                run = json.loads(line).get("test_run", {})
                if run.get("status") in ("fail", "error"):
                    process.terminate()
                    return f'{module.name}: run "{run["run"]}"'
        return None

    def _of_plan(self) -> str | None:
        """Return the first rule over the plan of production that fails, or that Terraform refuses to plan it."""
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--timeout=0", "-k", OF_PRODUCTION, *PLAN_TESTS]
        done = subprocess.run(command, cwd=self.directory, env=self._env(), capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            if line.startswith("FAILED"):
                return line.split(" - ")[0].split("::")[-1]
        if "TerraformError" in done.stdout:
            return "Terraform refuses the plan"
        if done.returncode:
            raise RuntimeError(f"the rules over the plan could not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return None

    def _env(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_DATA"))}


def results(mutations: list[Mutation]) -> Iterator[tuple[Mutation, str | None]]:
    """Yield each defect with the test that notices it."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Copy(Path(directory))
        for number, mutation in enumerate(mutations, 1):
            print(f"{number}/{len(mutations)} {mutation.what}", file=sys.stderr, flush=True)
            yield mutation, copy.noticed(mutation)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.mutate_terraform",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="the defects whose file or description has TEXT")
    options = parser.parse_args(arguments)
    chosen = [m for m in read_mutations() if options.only in m.file or options.only in m.what]
    if stale := [mutation for mutation in chosen if not mutation.fits()]:
        for mutation in stale:
            print(f"{mutation.file} does not hold once what '{mutation.what}' replaces: correct {FILE.name}")
        return 1
    print("| defect | in | noticed by |\n|---|---|---|")
    survived = 0
    for mutation, noticed in results(chosen):
        survived += noticed is None
        print(f"| {mutation.what} | `{mutation.file}` | {noticed or '**SURVIVED**'} |", flush=True)
    print(f"\n{len(chosen) - survived} of {len(chosen)} defects are noticed.")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
