"""Plan one environment, print the plan and save it for `apply`.

Example: python -m scripts.plan --env dev

Exit code 0: planned and saved. 1: failed, the last line says why. With --detailed-exitcode, 2: planned, with changes.
75: another command holds the environment.
"""

from __future__ import annotations

import argparse
import sys

from scripts.terraform_runner import approved_destroys, lock, plan_record, unknown_names
from scripts.terraform_runner.environment import Environment, TerraformError
from scripts.terraform_runner.run import Terraform


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.plan", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    parser.add_argument("--offline", action="store_true", help="plan from nothing, with no state and no credentials")
    parser.add_argument(
        "--detailed-exitcode", action="store_true", help="exit with 2 when there is something to change"
    )
    options = parser.parse_args(arguments)
    try:
        environment = Environment(options.env, offline=options.offline)
        with lock.exclusive(environment):
            unknown_names.check(environment)
            made_from = None if options.offline else plan_record.sources(environment)
            terraform = Terraform(environment)
            terraform.init()
            changes, text = terraform.plan()
            if made_from is not None:
                plan_record.write(environment, made_from)
            print(text)
            if not options.offline:
                approved_destroys.report(terraform)
    except TerraformError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 2 if changes and options.detailed_exitcode else 0


if __name__ == "__main__":
    sys.exit(main())
