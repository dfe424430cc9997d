"""Apply exactly the plan that `plan` saved for an environment.

Example: python -m scripts.plan --env dev; python -m scripts.apply --env dev

Exit code 0: applied. 1: failed, the last line says why.
"""

from __future__ import annotations

import argparse
import sys

from scripts.terraform import Environment, Terraform, TerraformError


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.apply", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    options = parser.parse_args(arguments)
    try:
        Terraform(Environment(options.env)).apply_plan()
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
