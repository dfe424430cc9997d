"""Make, or bring up to date, the bucket that keeps an environment's Terraform state, and its key (terraform/bootstrap).

The plan is printed and applied once the environment's name is typed. The state of these two is first a file in
build/bootstrap-<env>/, then moved into the new bucket, beside the state they were made for.

Example: python -m scripts.bootstrap --env dev

Exit code 0: bucket and key are as declared. 1: refused or failed, the last line says why.
75: another command holds the environment.
"""

from __future__ import annotations

import argparse
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from scripts.terraform_runner import approved_destroys, lock
from scripts.terraform_runner.confirmation import confirm
from scripts.terraform_runner.environment import BOOTSTRAP, Environment, TerraformError
from scripts.terraform_runner.run import FLAG, Terraform
from scripts.terraform_runner.workspace import backend_settings

LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'


class Bootstrap(Terraform):
    """Terraform for the bucket of the states, whose own state is a local file until the bucket exists."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.local_state = self.environment.build / "terraform.tfstate"
        self._override = self.environment.working_directory / "backend_override.tf"
        self._in_bucket = [str(self.environment.backend), f"key={environment.name}/bootstrap.tfstate"]

    def init_local(self) -> None:
        """Connect the local file."""
        self._make_tree()
        self._override.write_text(LOCAL_BACKEND)
        self._capture("init", input=False, reconfigure=FLAG, backend_config=[f"path={self.local_state}"])

    def init_bucket(self) -> None:
        """Connect the state in the bucket."""
        self._make_tree()
        self._capture("init", input=False, reconfigure=FLAG, backend_config=self._in_bucket)

    def move_to_bucket(self) -> None:
        """Move the state from the local file to the bucket."""
        self._override.unlink()
        self._capture("init", input=False, migrate_state=FLAG, force_copy=FLAG, backend_config=self._in_bucket)
        self.local_state.unlink()


def bootstrap(name: str, given: str | None) -> None:
    """Plan, ask (unless the name was `given`) and apply. Raises TerraformError."""
    environment = Environment(name, root=BOOTSTRAP)
    with lock.exclusive(environment):
        _apply(Bootstrap(environment), given)


def _apply(terraform: Bootstrap, given: str | None) -> None:
    # What an interrupted run left behind comes first: it knows what that run made.
    first = terraform.local_state.exists() or not exists(terraform.environment)
    if first:
        terraform.init_local()
    else:
        terraform.init_bucket()
    changes, text = terraform.plan()
    print(text)
    if changes:
        approved_destroys.check(terraform)
        confirm(terraform.environment.name, given)
        terraform.apply_plan()
    if first:
        terraform.move_to_bucket()


def exists(environment: Environment) -> bool:
    """Return whether the account has the bucket of backend.hcl already. Raises TerraformError."""
    settings = backend_settings(environment.backend)
    try:
        boto3.client("s3", region_name=settings["region"]).head_bucket(Bucket=settings["bucket"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "404":
            return False
        raise TerraformError(
            f"the credentials do not reach bucket {settings['bucket']} of environments/{environment.name}/backend.hcl: "
            "log in to its account, or choose another name if it is somebody else's"
        ) from None
    except BotoCoreError:
        raise TerraformError(f"no valid AWS credentials for {environment.name}: log in to its account") from None
    return True


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bootstrap", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    parser.add_argument("--confirm", metavar="NAME", help="the environment's name, for a machine that nobody can ask")
    options = parser.parse_args(arguments)
    try:
        bootstrap(options.env, options.confirm)
    except TerraformError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
