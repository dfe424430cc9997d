"""Print the outputs of an applied environment as one JSON object.

Example: python -m scripts.output --env localstack

Exit code 0: printed. 1: failed, the last line says why. 75: another command holds the environment.
"""

from __future__ import annotations

import argparse
import json
import sys

from scripts.terraform_runner import lock
from scripts.terraform_runner.environment import Environment, TerraformError
from scripts.terraform_runner.run import Terraform


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.output", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    options = parser.parse_args(arguments)
    try:
        environment = Environment(options.env)
        with lock.exclusive(environment):
            terraform = Terraform(environment)
            terraform.init()
            outputs = terraform.outputs()
    except TerraformError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(json.dumps(outputs, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
