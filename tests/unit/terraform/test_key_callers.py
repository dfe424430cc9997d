"""Every AWS service that asks for rights on a key when something is made or used, asked of the planned key policies.

The table is docs/adr/0039-key-checks.md; each row's source is there.
"""

from dataclasses import dataclass, field

import pytest

from tests.iam.account import ADMINISTRATOR
from tests.iam.evaluator import Decision, Request
from tests.unit.terraform.planned import Resources, here, planned_account

VALIDATES = {"kms:EncryptionContext:SecretVersionId": "RequestToValidateKeyAccess"}
STORED = {"kms:EncryptionContext:SecretVersionId": "11111111-2222-3333-4444-555555555555"}
DEPLOYER = "role/deployer"
AUTO_SCALING = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


@dataclass(frozen=True)
class Check:
    """One service's demand: `actions` on `key` by `principal`, a service or the end of a role's ARN."""

    service: str
    key: str
    actions: tuple[str, ...]
    principal: str
    context: dict[str, str] = field(default_factory=dict)


CHECKS = [
    Check("secretsmanager", "secrets", ("kms:GenerateDataKey", "kms:Decrypt"), DEPLOYER, VALIDATES),
    Check("lambda", "services", ("kms:CreateGrant", "kms:Encrypt", "kms:Decrypt"), DEPLOYER),
    Check(
        "dynamodb",
        "services",
        ("kms:CreateGrant", "kms:DescribeKey", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo"),
        DEPLOYER,
    ),
    Check("s3", "services", ("kms:GenerateDataKey",), DEPLOYER),
    Check("kinesis", "streams", ("kms:DescribeKey",), DEPLOYER),
    Check("logs", "logs", ("kms:DescribeKey",), DEPLOYER),
    Check("logs", "logs", ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"), "logs.{region}"),
    Check("sns", "alarms", ("kms:GenerateDataKey", "kms:Decrypt"), "cloudwatch"),
    Check("s3", "alarms", ("kms:GenerateDataKey", "kms:Decrypt"), "s3"),
    Check(
        "ec2",
        "volumes",
        ("kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptTo"),
        AUTO_SCALING,
    ),
    Check("ec2", "volumes", ("kms:CreateGrant",), AUTO_SCALING, {"kms:GrantIsForAWSResource": "true"}),
]


def decide(resources: Resources, check: Check, action: str, context: dict[str, str]) -> Decision:
    region, account = here(resources)
    policies, _ = planned_account(resources)
    given = {
        "aws:SourceAccount": account,
        "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account}:log-group:x",
        "kms:ViaService": f"{check.service}.{region}.amazonaws.com",
        **context,
    }
    if check.principal.startswith("role/"):
        request = Request(f"arn:aws:iam::{account}:{check.principal}", action, check.key, given)
        return policies.decide(request, ADMINISTRATOR)
    principal = f"{check.principal.format(region=region)}.amazonaws.com"
    return policies.decide(Request(principal, action, check.key, given))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.service}-{check.key}-{check.principal[:12]}")
def test_whoever_a_service_asks_for_may_use_the_key(resources: Resources, check: Check) -> None:
    for action in check.actions:
        assert decide(resources, check, action, check.context) is Decision.ALLOWED, action


@pytest.mark.parametrize("context", [STORED, {}, {**VALIDATES, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}])
def test_the_check_of_a_key_opens_no_stored_secret(resources: Resources, context: dict[str, str]) -> None:
    for action in CHECKS[0].actions:
        assert decide(resources, CHECKS[0], action, context) is Decision.NOT_ALLOWED, context


def test_a_service_of_another_account_uses_no_key(resources: Resources) -> None:
    for check in CHECKS:
        if check.service in ("sns", "s3") and check.principal != DEPLOYER:
            context = {"aws:SourceAccount": "999999999999"}
            assert decide(resources, check, "kms:Decrypt", context) is Decision.NOT_ALLOWED
