"""Plan the destruction of an environment; carry it out at once in localstack only.

Elsewhere the plan is saved to be read, approved and applied like any other, and what holds data is protected from it
(docs/adr/0003-prevent-destroy.md).

Example: python -m scripts.destroy --env localstack

Exit code 0: destroyed, or elsewhere planned. 1: failed, the last line says why.
75: another command holds the environment.
"""

from __future__ import annotations

import argparse
import sys

from scripts.terraform_runner import approved_destroys, lock, plan_record
from scripts.terraform_runner.environment import LOCALSTACK, Environment, TerraformError
from scripts.terraform_runner.run import Terraform


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.destroy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    options = parser.parse_args(arguments)
    try:
        environment = Environment(options.env)
        with lock.exclusive(environment):
            made_from = plan_record.sources(environment)
            terraform = Terraform(environment)
            terraform.init()
            _, text = terraform.plan(destroy=True)
            if environment.name == LOCALSTACK:
                terraform.apply_plan()
                return 0
            plan_record.write(environment, made_from)
            print(text)
            approved_destroys.report(terraform)
    except TerraformError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
