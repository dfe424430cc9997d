"""Apply exactly the plan that `plan` saved for an environment.

It is refused when it is old, when plan file, commit or packages are not those that were planned, and when it destroys
something that environments/<env>/approved-destroys.yaml does not approve. Production asks for its name. Afterwards the
state records what AWS made of it, so that `drift` names only what somebody changes later.

Example: python -m scripts.plan --env dev; python -m scripts.apply --env dev

Exit code 0: applied. 1: refused or failed, the last line says why. 75: another command holds the environment.
"""

from __future__ import annotations

import argparse
import sys

from scripts.terraform_runner import approved_destroys, lock, plan_record
from scripts.terraform_runner.confirmation import confirm
from scripts.terraform_runner.environment import Environment, TerraformError
from scripts.terraform_runner.run import Terraform

ASKS = "production"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.apply", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    parser.add_argument("--confirm", metavar="NAME", help="production, for a machine that nobody can ask")
    parser.add_argument(
        "--max-age",
        type=int,
        default=plan_record.MAX_AGE_MINUTES,
        metavar="MINUTES",
        help="how old the plan may be (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    try:
        environment = Environment(options.env)
        with lock.exclusive(environment):
            plan_record.check(environment, options.max_age)
            terraform = Terraform(environment)
            # The plan may come from another machine: a pipeline applies in a checkout that has only the plan.
            terraform.init()
            approved_destroys.check(terraform)
            if environment.name == ASKS:
                confirm(environment.name, options.confirm)
            terraform.apply_plan()
            terraform.refresh_state()
    except TerraformError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
