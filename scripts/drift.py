"""Compare an environment's state with what is in its account, and name what differs. No value is printed.

Example: python -m scripts.drift --env dev

Exit code 0: nothing differs. 1: failed, the last line says why. 2: what is printed differs.
75: another command holds the environment.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from scripts.plan_review.drift import changed_outside
from scripts.plan_review.plan import Action, PlanFormatError, read_plan
from scripts.terraform_runner import lock
from scripts.terraform_runner.environment import Environment, TerraformError
from scripts.terraform_runner.run import Terraform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Plan


def drifted(name: str) -> list[str]:
    """Return a line for each resource of environment `name` that differs. Raises TerraformError."""
    # A saved plan that somebody may have read to apply it is left alone.
    environment = Environment(name, plan_name="drift.tfplan")
    with lock.exclusive(environment):
        terraform = Terraform(environment)
        terraform.init()
        try:
            terraform.plan(refresh_only=True)
            plan = read_plan(terraform.show_plan())
        except PlanFormatError as error:
            raise TerraformError(f"the comparison cannot be read: {error}") from None
        finally:
            environment.plan_file.unlink(missing_ok=True)
    return list(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    for change in plan.drift:
        if change.action is Action.DELETE:
            yield f"{change.address}: deleted outside Terraform"
        elif change.action is Action.UPDATE and (names := changed_outside(change)):
            yield f"{change.address}: {', '.join(names)} changed outside Terraform"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.drift", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    options = parser.parse_args(arguments)
    try:
        lines = drifted(options.env)
    except TerraformError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(*lines, sep="\n", end="\n" if lines else "")
    return 2 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
