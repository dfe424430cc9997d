import pytest

from scripts.terraform_runner.messages import diagnose

LOCKED = """
╷
│ Error: Error acquiring the state lock
│
│ Error message: operation error S3: PutObject, https response error
│ StatusCode: 412, api error PreconditionFailed
│ Lock Info:
│   ID:        5f2c
│   Path:      snowveil/dev/terraform.tfstate
╵
"""
PACKAGE_MISSING = """
Error: Error in function call

  on artifacts.tf line 12, in resource "aws_s3_object" "bundle":
  12:   source_hash = filesha256(each.value)

Call to function "filesha256" failed: open ../build/collector-arm64.tar.gz:
no such file or directory.
"""
PROTECTED = """
Error: Instance cannot be destroyed

  on ../modules/keys/main.tf line 9:
   9: resource "aws_kms_key" "this" {

Resource module.keys.key has lifecycle.prevent_destroy
set, but the plan calls for this resource to be destroyed.
"""
OTHER_ACCOUNT = """
│ Error: AWS account ID not allowed: 222222222222
│
│   with provider["registry.terraform.io/hashicorp/aws"],
"""


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            LOCKED,
            "the state of dev is locked: wait for the other run, or `terraform force-unlock 5f2c` if that one died",
        ),
        (
            PACKAGE_MISSING,
            "build/collector-arm64.tar.gz is missing: run `make package ARCH=arm64`",
        ),
        (PROTECTED, "module.keys.key holds data and is protected in dev: read docs/adr/0003-prevent-destroy.md"),
        (OTHER_ACCOUNT, "the credentials are of another account than the one in environments/dev/terraform.tfvars"),
        ("Error: something new", "terraform plan failed for dev, its message is above"),
    ],
)
def test_a_failure_becomes_one_line_with_the_remedy(message: str, line: str) -> None:
    assert diagnose(message, "plan", "dev") == line
