"""Plan the destruction of an environment and carry it out.

Only localstack can be destroyed: elsewhere what holds data is protected (docs/adr/0003-prevent-destroy.md).

Example: python -m scripts.destroy --env localstack

Exit code 0: destroyed. 1: failed, the last line says why.
"""

from __future__ import annotations

import argparse
import sys

from scripts.terraform import Environment, Terraform, TerraformError


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.destroy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    options = parser.parse_args(arguments)
    try:
        terraform = Terraform(Environment(options.env))
        terraform.init()
        terraform.plan(destroy=True)
        terraform.apply_plan()
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
