"""environments/<env>/approved-destroys.yaml: what a plan may destroy, replace or forget, why, and until when."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import yaml

from scripts.plan_review.plan import PlanFormatError, read_plan
from scripts.terraform_runner.environment import LOCALSTACK, TerraformError

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.terraform_runner.run import Terraform

FILE = "approved-destroys.yaml"
Text = Annotated[str, msgspec.Meta(pattern=r"\S")]


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One address that may be destroyed up to and including the day `expires` (UTC)."""

    address: Text
    reason: Text
    expires: dt.date


def read_approvals(path: Path, today: dt.date) -> list[Approval]:
    """Return the approvals in `path`, none if there is no such file.

    Raises TerraformError, one line with file and index, for whatever is wrong or expired.
    """
    if not path.exists():
        return []
    name = f"environments/{path.parent.name}/{path.name}"
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        raise TerraformError(f"{name}:{mark.line + 1 if mark else 1}: not YAML in UTF-8") from None
    if document is None:
        return []
    if not isinstance(document, list):
        raise TerraformError(f"{name}: not a list of {{address, reason, expires}}")
    return [_approval(entry, f"{name}[{index}]", today) for index, entry in enumerate(document)]


def _approval(entry: Any, place: str, today: dt.date) -> Approval:
    try:
        approval = msgspec.convert(entry, Approval)
    except msgspec.ValidationError as error:
        raise TerraformError(f"{place}: {error}; an entry has address, reason and expires (a date)") from None
    if approval.expires < today:
        raise TerraformError(f"{place}: expired on {approval.expires}: delete it, or have it approved again")
    return approval


def unapproved(terraform: Terraform) -> list[str]:
    """Return the addresses that the saved plan destroys, replaces or forgets and that nobody approved.

    LocalStack holds nothing: whatever is destroyed there is approved. Raises TerraformError.
    """
    environment = terraform.environment
    if environment.name == LOCALSTACK:
        return []
    try:
        plan = read_plan(terraform.show_plan())
    except PlanFormatError as error:
        raise TerraformError(f"what the saved plan destroys cannot be determined: {error}") from None
    gone = [change.address for change in plan.resources if change.gone]
    if not gone:
        return []
    approved = {each.address for each in read_approvals(environment.directory / FILE, dt.datetime.now(dt.UTC).date())}
    return [address for address in gone if address not in approved]


def check(terraform: Terraform) -> None:
    """Raise TerraformError unless everything that the saved plan destroys is approved."""
    if missing := unapproved(terraform):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        file = f"environments/{terraform.environment.name}/{FILE}"
        raise TerraformError(f"the plan destroys {missing[0]}{more}, which {file} does not approve")


def report(terraform: Terraform) -> None:
    """Print on standard error the entries that the approvals lack, to be filled in. Raises TerraformError."""
    if missing := unapproved(terraform):
        print(
            f"environments/{terraform.environment.name}/{FILE} must approve, before this can be applied:",
            file=sys.stderr,
        )
        for address in missing:
            print(f"- {{address: {json.dumps(address)}, reason: , expires: }}", file=sys.stderr)
