"""What Terraform needs on this machine before it runs: the provider's mirror, overrides, LocalStack's state bucket."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from scripts.terraform_runner.environment import TerraformError

if TYPE_CHECKING:
    from scripts.terraform_runner.environment import Environment

PROVIDER = Path("registry.terraform.io/hashicorp/aws")

# A plan that is thrown away may be made with a newer Terraform than the pinned one.
ANY_VERSION = """
terraform {
  required_version = ">= 1.11"
}
"""

OFFLINE = """
terraform {
  backend "local" {}
}

provider "aws" {
  allowed_account_ids         = null
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""

# The root has a second configuration of the provider, for the lake's copy in another region.
OFFLINE_REPLICA = """
provider "aws" {
  alias                       = "replica"
  allowed_account_ids         = null
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


def provider_mirror() -> Path | None:
    """Return the directory that holds the provider on this machine, or None: Terraform then asks its registry.

    TF_PLUGIN_MIRROR names one; else the usual places are searched.
    """
    if named := os.environ.get("TF_PLUGIN_MIRROR"):
        return Path(named)
    user = Path.home() / ".terraform.d"
    places = [
        user / "plugins",
        user / "plugin-cache",
        Path("/usr/share/terraform/plugins"),
        Path("/usr/local/share/terraform/plugins"),
        *sorted(Path("/opt").glob("*")),
    ]
    return next((place for place in places if (place / PROVIDER).is_dir()), None)


def use_provider_mirror(directory: Path) -> None:
    """Let Terraform, when this process runs it, install the provider from the mirror of this machine, if it has one.

    `directory` takes Terraform's configuration file; no other process may write there at the same time.
    """
    mirror = provider_mirror()
    if mirror is None:
        return
    directory.mkdir(parents=True, exist_ok=True)
    config = directory / "terraform.rc"
    config.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    os.environ["TF_CLI_CONFIG_FILE"] = str(config)


def make_tree(root: Path, tree: Path, environment: Environment) -> None:
    """Copy terraform/ and modules/ of `root` to `tree` and lay override files over the copy.

    Why: docs/adr/0003-prevent-destroy.md.

    Those are the environment's own, if it has any, the ones of an offline plan, and for what touches no account the one
    that accepts a newer Terraform. What the environment calls its packages is what the copy sees as build/.
    """
    shutil.rmtree(tree, ignore_errors=True)
    for name in ("terraform", "modules"):
        shutil.copytree(root / name, tree / name, ignore=shutil.ignore_patterns("tests", ".terraform*"))
    if environment.overrides.is_dir():
        shutil.copytree(environment.overrides, tree, dirs_exist_ok=True)
    if environment.throwaway:
        (tree / environment.root / "version_override.tf").write_text(ANY_VERSION)
    if environment.offline:
        # An override of a configuration that is not there would be an error.
        second = any("alias" in path.read_text() for path in (tree / environment.root).glob("provider*.tf"))
        override = OFFLINE + (OFFLINE_REPLICA if second else "")
        (tree / environment.root / "offline_override.tf").write_text(override)
    (tree / "build").symlink_to(environment.package_directory)


def backend_settings(backend: Path) -> dict[str, Any]:
    """Return the texts that a backend.hcl sets, by name. Raises TerraformError when it names no bucket."""
    require_backend(backend)
    settings = dict(re.findall(r'^(\w+)\s*=\s*"([^"]*)"', backend.read_text(), re.MULTILINE))
    for name in ("bucket", "region"):
        if name not in settings:
            raise TerraformError(f"{_named(backend)} lacks {name}: see docs/first-deployment.md")
    return settings


def require_backend(backend: Path) -> None:
    """Raise TerraformError unless there is a backend.hcl."""
    if not backend.is_file():
        raise TerraformError(f"{_named(backend)} is missing: see docs/first-deployment.md")


def _named(file: Path) -> str:
    return f"environments/{file.parent.name}/{file.name}"


def bootstrap_variables(environment: Environment) -> dict[str, str]:
    """Return the variables of terraform/bootstrap: what backend.hcl says exists, and in which account."""
    settings = backend_settings(environment.backend)
    account = re.search(r'^account_id\s*=\s*"(\d{12})"', environment.tfvars.read_text(), re.MULTILINE)
    return {
        "environment": environment.name,
        "account_id": account[1] if account else "",
        "bucket": settings["bucket"],
        "region": settings["region"],
    }


def make_state_bucket(backend: Path) -> None:
    """Create the bucket that a backend.hcl names, in LocalStack, if it is not there yet."""
    settings = backend_settings(backend)
    s3 = boto3.client("s3", region_name=settings["region"])
    if settings["bucket"] not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(
            Bucket=settings["bucket"], CreateBucketConfiguration={"LocationConstraint": settings["region"]}
        )
