"""A small checkout with two environments and nothing but Terraform's built-in resource: real, and fast."""

import shutil
import subprocess
from pathlib import Path

from scripts.terraform_runner import environment

MAIN = """
terraform {
  backend "local" {}
}

variable "environment" {
  type = string
}

variable "version_of_it" {
  type = string
}

resource "terraform_data" "stream" {
  for_each         = toset(["raw-good", "raw-bad"])
  triggers_replace = var.version_of_it
  input            = "secret-${var.version_of_it}"
}
"""


class Checkout:
    """A repository with terraform/, environments/ and build/."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root / "build/collector-arm64.tar.gz"

    def create(self) -> None:
        self.write("terraform/main.tf", MAIN)
        self.write(".gitignore", "/build/\n/states/\n.terraform.lock.hcl\n")
        for name in ("dev", "production"):
            self.write(f"environments/{name}/backend.hcl", f'path = "../states/{name}.tfstate"\n')
            self.set_version("1", name)
        shutil.copy(environment.ROOT / ".terraform-version", self.root)
        self.write("build/collector-arm64.tar.gz", "one")
        self.git("init", "--quiet")
        self.commit()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def set_version(self, version: str, name: str = "dev") -> None:
        """A change replaces both resources of the environment."""
        self.write(f"environments/{name}/terraform.tfvars", f'environment   = "{name}"\nversion_of_it = "{version}"\n')

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--allow-empty", "--message", "test")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True)
