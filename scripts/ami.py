"""Show the newest image of Amazon Linux 2023 beside the one an environment pins; --write pins the newest.

Instances start from the pinned image only: a newer one is a change that is planned, reviewed and rolled back like any
other. A scheduled job runs this with --write and proposes the difference.

Example: python -m scripts.ami --env dev

Exit code 0: the newest is pinned, or was just written. 1: failed, the last line says why. 2: there is a newer one.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from scripts.terraform_runner.environment import Environment, TerraformError
from scripts.terraform_runner.tfvars import read_tfvars

# docs.aws.amazon.com/linux/al2023/ug/ec2.html, "Launching AL2023 using the SSM parameter"
PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"


def newest_image(ssm: Any, architecture: str) -> str:
    """Return the identifier of AWS's newest image for arm64 or x86_64. Raises botocore's errors."""
    answer = ssm.get_parameter(Name=PARAMETER.format(architecture=architecture))
    return str(answer["Parameter"]["Value"])


def pin(text: str, image: str) -> str:
    """Return the text of a terraform.tfvars with `image` as its ami_id; a comment behind the old one goes."""
    pinned, count = re.subn(r'(?m)^(ami_id\s*=\s*)"[^"]*".*$', rf'\g<1>"{image}"', text)
    if count != 1:
        raise TerraformError(f"terraform.tfvars has {count} lines that begin with ami_id, and one is needed")
    return pinned


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.ami", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    parser.add_argument(
        "--write", action="store_true", help="pin the newest image in the environment's terraform.tfvars"
    )
    options = parser.parse_args(arguments)
    try:
        environment = Environment(options.env)
        settings = read_tfvars(environment.tfvars)
        ssm = boto3.client("ssm", region_name=settings["region"])
        newest = newest_image(ssm, settings["architecture"])
        pinned = settings.get("ami_id")
        if newest != pinned and options.write:
            environment.tfvars.write_text(pin(environment.tfvars.read_text(), newest))
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"the newest image of {options.env} cannot be read: {error}", file=sys.stderr)
        return 1
    if newest == pinned:
        print(f"{pinned} is pinned and the newest")
        return 0
    print(f"{pinned} is pinned, {newest} is the newest{': written' if options.write else ''}")
    return 0 if options.write else 2


if __name__ == "__main__":
    sys.exit(main())
