"""docs/disaster-recovery.md, its own commands run against the applied environment."""

import re
import shlex
from typing import Any

import pytest

from scripts.rehearsal.environment import OneMachine
from scripts.terraform_runner.environment import ROOT
from scripts.terraform_runner.workspace import backend_settings

pytestmark = [pytest.mark.localstack, pytest.mark.timeout(900)]  # the first test applies the environment

DOCUMENT = (ROOT / "docs/disaster-recovery.md").read_text()
TABLE = "snowplow-enricher"
# Names that AWS's command line spells otherwise than its API.
SPELLED = {"KmsKeyId": "KMSKeyId"}


def commands(heading: str) -> list[str]:
    """Return the commands of one section of the document."""
    section = re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)
    (text,) = [each for each in section if each.startswith(f"{heading}\n")]
    return [line for block in re.findall(r"(?ms)^```sh\n(.*?)^```$", text) for line in block.splitlines()]


def run(machine: OneMachine, command: str, **values: str) -> Any:
    """Run one `aws` command by its API: the command line spells operations and parameters with hyphens."""
    for name, value in values.items():
        command = command.replace(f"${name}", value)
    assert "$" not in command, command
    _, service, operation, *words = shlex.split(command)
    parameters: dict[str, Any] = {}
    for word in words:
        if word.startswith("--"):
            name = "".join(part.capitalize() for part in word[2:].split("-"))
            parameters[SPELLED.get(name, name)] = True
        else:
            parameters[name] = word
    client = machine.client({"s3api": "s3"}.get(service, service))
    return getattr(client, operation.replace("-", "_"))(**parameters)


def test_a_deleted_object_comes_back(machine: OneMachine) -> None:
    lake, key = machine.outputs["buckets"]["lake"], "recovery/x"  # no loader is notified of it
    s3 = machine.client("s3")
    s3.put_object(Bucket=lake, Key=key, Body=b"delivered")
    s3.delete_object(Bucket=lake, Key=key)
    show, bring_back = commands("An object")
    (marker,) = run(machine, show, LAKE=lake, KEY=key)["DeleteMarkers"]
    run(machine, bring_back, LAKE=lake, KEY=key, MARKER=marker["VersionId"])
    assert s3.get_object(Bucket=lake, Key=key)["Body"].read() == b"delivered"
    for version in run(machine, show, LAKE=lake, KEY=key)["Versions"]:
        s3.delete_object(Bucket=lake, Key=key, VersionId=version["VersionId"])


def test_the_lease_table_is_restored_beside_itself(machine: OneMachine) -> None:
    dynamodb = machine.client("dynamodb")
    backups = dynamodb.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    dynamodb.put_item(TableName=TABLE, Item={"leaseKey": {"S": "recovery"}})
    restore, scan = commands("The lease table")
    run(machine, restore, TABLE=TABLE)
    items = run(machine, scan, TABLE=TABLE)["Items"]
    assert {"leaseKey": {"S": "recovery"}} in items
    dynamodb.delete_item(TableName=TABLE, Key={"leaseKey": {"S": "recovery"}})
    dynamodb.delete_table(TableName=f"{TABLE}-restored")


def test_an_older_state_is_copied_over_the_newest(machine: OneMachine) -> None:
    states = backend_settings(ROOT / "environments/localstack/backend.hcl")["bucket"]
    s3, key = machine.client("s3"), "dev/terraform.tfstate"
    s3.put_bucket_versioning(
        Bucket=states, VersioningConfiguration={"Status": "Enabled"}
    )  # as terraform/bootstrap does
    older = s3.put_object(Bucket=states, Key=key, Body=b"older")["VersionId"]
    s3.put_object(Bucket=states, Key=key, Body=b"newest")
    show, copy = commands("The state")
    assert older in {version["VersionId"] for version in run(machine, show, STATES=states)["Versions"]}
    run(machine, copy, STATES=states, VERSION=older)
    assert s3.get_object(Bucket=states, Key=key)["Body"].read() == b"older"


def test_a_deleted_secret_and_a_key_about_to_be_deleted_come_back(machine: OneMachine) -> None:
    secrets, kms = machine.client("secretsmanager"), machine.client("kms")
    secrets.delete_secret(SecretId="snowplow-pseudonym-key", RecoveryWindowInDays=30)
    (restore,) = commands("The secret")
    run(machine, restore)
    assert "DeletedDate" not in secrets.describe_secret(SecretId="snowplow-pseudonym-key")
    key = kms.describe_key(KeyId="alias/snowplow-lake")["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    for command in commands("A key"):
        run(machine, command, KEY_ID=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_every_command_of_the_document_is_one_that_is_run_here() -> None:
    headings = re.findall(r"^## (.*)$", DOCUMENT, re.MULTILINE)
    with_commands = {heading for heading in headings if commands(heading)}
    assert with_commands == {"An object", "The lease table", "The state", "The secret", "A key"}
