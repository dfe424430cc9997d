"""Every action that a service has, not a list of those one thinks of: who could do it if IAM allowed them everything.

The names of the actions are those of botocore's model of each service, so that a new one fails this test until somebody
has decided about it. `python -m tests.unit.terraform.test_every_action` writes the table anew after a decision.
Streams have no policy of their own: what their key allows decides. The quarantine's policy is known when it is applied
(tests/integration/pipeline/test_a_policies.py); here stands its key.
"""

import json
import re
import sys
from pathlib import Path

import botocore.session
import pytest

from tests.fixtures.offline_plan import offline_plan
from tests.iam.account import ADMINISTRATOR
from tests.iam.evaluator import Decision, Policy, Request, decide
from tests.unit.terraform.planned import Resources, account_of, changed_resources, of_type

TABLE = Path(__file__).parents[2] / "fixtures/every_action.txt"
ENVIRONMENT = "dev"
# Who is asked for, with every action allowed by IAM: what is denied then is denied by the resource itself.
ROLES = {
    "administrator": "role/administrator",
    "deployer": "role/snowveil-deployer",
    "custodian": "role/snowveil-key-custodian",
    "break-glass": "role/snowveil-break-glass",
    "analyst": "role/snowveil-analyst",
    "operator": "role/snowveil-operator",
    "function": "role/snowplow-pseudonymizer-output",
    "delivery": "role/snowplow-output",
}
# Actions that S3 calls otherwise than their operations, and those of IAM alone.
S3_ACTIONS = {
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "DeleteObjects": "DeleteObject",
    "SelectObjectContent": "GetObject",
}
S3_MORE = (
    "GetObjectVersion",
    "DeleteObjectVersion",
    "ReplicateObject",
    "PutObjectVersionAcl",
    "BypassGovernanceRetention",
)


# Of S3's other actions the resource is a bucket.
ON_OBJECTS = re.compile("(?!ListObjects|GetObjectLock|PutObjectLock).*(?:Object|Multipart|Upload|Bypass).*")


def actions(service: str, arn: str = "") -> list[str]:
    operations = botocore.session.get_session().get_service_model(service).operation_names
    if service != "s3":
        return sorted(f"{service}:{name}" for name in operations)
    names = {S3_ACTIONS.get(name, name) for name in operations} | set(S3_MORE)
    return sorted(f"s3:{name}" for name in names if (ON_OBJECTS.fullmatch(name) is not None) == ("/" in arn))


def policies(resources: Resources) -> dict[str, tuple[str, str, Policy]]:
    """Return service, ARN to ask about and policy of each resource by what it is called here."""
    account = account_of(resources)
    secret = f"arn:aws:secretsmanager:eu-west-1:{account}:secret:snowplow-pseudonym-key-AbCdEf"
    found: dict[str, tuple[str, str, Policy]] = {
        "secret": (
            "secretsmanager",
            secret,
            json.loads(resources["module.pseudonym_key.aws_secretsmanager_secret_policy.this"]["policy"]),
        )
    }
    bucket = resources["module.lake.module.bucket.aws_s3_bucket.this"]["bucket"]
    lake = json.loads(resources["module.lake.module.bucket.aws_s3_bucket_policy.this"]["policy"])
    for place in ("", "output/", "raw-bad/", "firehose-errors/output/"):
        found[f"lake {place}".strip()] = "s3", f"arn:aws:s3:::{bucket}" + (f"/{place}x" if place else ""), lake
    for address, key in of_type(resources, "aws_kms_key").items():
        name = address.split('"')[1] if '"' in address else address
        if name in ("secrets", "quarantine", "lake", "streams"):
            found[f"key {name}"] = "kms", f"arn:aws:kms:eu-west-1:{account}:key/{name}", json.loads(key["policy"])
    return found


def table(resources: Resources) -> str:
    """Return a line for each resource and action that somebody here may do, and one for all that nobody may."""
    account = account_of(resources)
    lines: list[str] = []
    for name, (service, arn, policy) in policies(resources).items():
        nobody: list[str] = []
        for action in actions(service, arn):
            allowed = [
                role
                for role, path in ROLES.items()
                if decide(Request(f"arn:aws:iam::{account}:{path}", action, arn), [ADMINISTRATOR], policy)
                is Decision.ALLOWED
            ]
            who = "everybody whom IAM allows" if len(allowed) == len(ROLES) else ", ".join(allowed)
            if allowed:
                lines.append(f"{name} | {action} | {who}")
            else:
                nobody.append(action.partition(":")[2])
        lines.append(f"{name} | nobody | {', '.join(nobody)}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Resources:
    return changed_resources(offline_plan(ENVIRONMENT, tmp_path_factory.mktemp("every_action")))


def test_the_table_is_the_committed_one(planned: Resources) -> None:
    assert table(planned) == TABLE.read_text(), "decide, then: python -m tests.unit.terraform.test_every_action"


def test_what_replaces_key_value_or_policy_is_the_custodians_or_the_deployers(planned: Resources) -> None:
    account = account_of(planned)
    _, arn, policy = policies(planned)["secret"]

    def may(role: str) -> set[str]:
        request = f"arn:aws:iam::{account}:{ROLES[role]}"
        return {
            action.partition(":")[2]
            for action in actions("secretsmanager")
            if decide(Request(request, action, arn), [ADMINISTRATOR], policy) is Decision.ALLOWED
        }

    description = {"DescribeSecret", "GetResourcePolicy", "ListSecretVersionIds"}
    assert may("administrator") == may("break-glass") == may("analyst") == description
    assert may("custodian") == description | {"PutSecretValue", "UpdateSecretVersionStage"}
    assert may("function") == description | {"GetSecretValue"}
    assert not may("deployer") & {"GetSecretValue", "PutSecretValue", "UpdateSecret", "RotateSecret"}
    for attack in ("UpdateSecret", "RotateSecret", "ReplicateSecretToRegions", "CancelRotateSecret"):
        assert all(attack not in may(role) for role in ROLES), attack
    for attack in ("DeleteResourcePolicy", "PutResourcePolicy", "DeleteSecret"):
        assert [role for role in ROLES if attack in may(role)] == ["deployer"], attack


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        TABLE.write_text(table(changed_resources(offline_plan(ENVIRONMENT, Path(scratch)))))
    sys.exit(0)
