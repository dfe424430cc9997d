"""What was true when a plan was saved, beside it in tfplan.record: `apply` refuses the plan when it no longer is.

A saved plan does not hold everything it will apply: files that templates and uploads read are read again by the apply.
So the commit and the packages count as much as the plan file itself.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
from typing import TYPE_CHECKING

import msgspec

from scripts.package import DEPLOYABLES
from scripts.terraform_runner.environment import BUILD, LOCALSTACK, ROOT, Environment, TerraformError

if TYPE_CHECKING:
    from pathlib import Path

MAX_AGE_MINUTES = 60


class Sources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a plan is made from: commit, the first path that differs from it, and the SHA-256 of each package.

    LocalStack is thrown away after a run and serves uncommitted work: it has no commit.
    """

    commit: str | None
    uncommitted: str | None
    packages: dict[str, str]


class PlanRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """tfplan.record. `planned_at` is in UTC."""

    environment: str
    planned_at: dt.datetime
    plan_sha256: str
    sources: Sources


def sources(environment: Environment) -> Sources:
    """Return what a plan made now is made from. Raises TerraformError when this is not a git checkout."""
    packages = {
        path.name: _sha256(path)
        for deployable in DEPLOYABLES
        for path in sorted(BUILD.glob(f"{deployable.name}-*.{deployable.suffix}"))
    }
    if environment.name == LOCALSTACK:
        return Sources(commit=None, uncommitted=None, packages=packages)
    changed = _git("status", "--porcelain", "--untracked-files=all").splitlines()
    return Sources(_git("rev-parse", "HEAD").strip(), changed[0][3:] if changed else None, packages)


def write(environment: Environment, made_from: Sources) -> None:
    """Record the plan that was just saved. `made_from` was taken before planning began."""
    record = PlanRecord(environment.name, dt.datetime.now(dt.UTC), _sha256(environment.plan_file), made_from)
    _file(environment).write_bytes(msgspec.json.format(msgspec.json.encode(record)))


def check(environment: Environment, max_age_minutes: int = MAX_AGE_MINUTES) -> None:
    """Raise TerraformError unless the saved plan is the recorded one, is young, and was made from what is here now."""
    again = f"run `make plan ENV={environment.name}` and read it"
    if not environment.plan_file.is_file():
        raise TerraformError(f"no saved plan: {again}")
    try:
        record = msgspec.json.decode(_file(environment).read_bytes(), type=PlanRecord)
    except (OSError, msgspec.MsgspecError):
        raise TerraformError(f"tfplan.record is missing or unreadable: {again}") from None
    if problem := _problem(record, environment, max_age_minutes):
        raise TerraformError(f"{problem}: {again}")


def _problem(record: PlanRecord, environment: Environment, max_age_minutes: int) -> str | None:
    if record.environment != environment.name:
        return f"the saved plan is of {record.environment}, not of {environment.name}"
    if record.plan_sha256 != _sha256(environment.plan_file):
        return "the plan file is not the one that was saved and read"
    minutes = (dt.datetime.now(dt.UTC) - record.planned_at).total_seconds() / 60
    if not 0 <= minutes <= max_age_minutes:
        return f"the plan was saved {minutes:.0f} minutes ago, and {max_age_minutes} are allowed"
    then, now = record.sources, sources(environment)
    if then.uncommitted is not None:
        return f"the plan was made with an uncommitted change in {then.uncommitted}: commit it first"
    if now.uncommitted is not None:
        return f"{now.uncommitted} differs from the commit that was planned: commit or undo it"
    if then.commit != now.commit:
        return f"the plan was made at commit {then.commit or 'none':.12}, and {now.commit or 'none':.12} is checked out"
    for name in sorted(then.packages.keys() | now.packages.keys()):
        if then.packages.get(name) != now.packages.get(name):
            return f"build/{name} is not the package that was planned"
    return None


def _file(environment: Environment) -> Path:
    return environment.build / "tfplan.record"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise TerraformError(
            "git does not know the commit that is planned: work in a checkout of the repository"
        ) from None
