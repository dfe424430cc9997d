"""The roles of modules/roles, planned and evaluated: each call of an apply on LocalStack, and what must stay closed."""

import json
import os
import re
import subprocess

import pytest

from scripts.terraform_runner import workspace
from scripts.terraform_runner.environment import ROOT
from scripts.terraform_runner.tfvars import read_tfvars
from tests.iam.evaluator import Decision, Policy, Request, as_list, decide, matches

ACCOUNT = "111111111111"
HERE = f"eu-west-1:{ACCOUNT}"
CALLS = [
    line for line in (ROOT / "tests/fixtures/iam/apply_calls.txt").read_text().splitlines() if not line.startswith("#")
]
# What a later apply calls beside a first one: changes, and the end of what is no longer named.
LATER = [
    *("autoscaling.DeleteLifecycleHook", "autoscaling.StartInstanceRefresh", "autoscaling.UpdateAutoScalingGroup"),
    *("cloudwatch.DeleteAlarms", "dynamodb.UpdateTable", "ec2.CreateLaunchTemplateVersion", "ec2.ModifyLaunchTemplate"),
    *("ec2.ModifyVpcEndpoint", "ec2.RevokeSecurityGroupIngress", "elbv2.ModifyListener", "elbv2.ModifyTargetGroup"),
    *("firehose.UpdateDestination", "iam.DeleteRolePolicy", "kinesis.UpdateShardCount", "kms.PutKeyPolicy"),
    *("lambda.PublishVersion", "lambda.UpdateAlias", "lambda.UpdateFunctionCode", "lambda.UpdateFunctionConfiguration"),
    *("logs.DeleteLogGroup", "s3.DeleteBucketPolicy", "sns.Subscribe", "wafv2.AssociateWebACL"),
]
SERVICES = {"elbv2": "elasticloadbalancing"}
# Operations of S3 whose permission has another name: docs.aws.amazon.com/AmazonS3/latest/API, each operation's page.
S3 = {
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "UploadPart": "PutObject",
}
ON_OBJECTS = ("GetObject", "PutObject", "DeleteObject", "GetObjectTagging")
# What a call acts on, by service; a bucket or object by its operation.
RESOURCES = {
    "autoscaling": f"arn:aws:autoscaling:{HERE}:autoScalingGroup:1:autoScalingGroupName/snowplow-collector",
    "cloudwatch": f"arn:aws:cloudwatch:{HERE}:alarm:snowplow-collector-errors",
    "dynamodb": f"arn:aws:dynamodb:{HERE}:table/snowplow-enricher-CoordinatorState",
    "ec2": f"arn:aws:ec2:{HERE}:vpc/vpc-1",
    "elasticloadbalancing": f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/snowplow-collector/1",
    "firehose": f"arn:aws:firehose:{HERE}:deliverystream/snowplow-output",
    "iam": f"arn:aws:iam::{ACCOUNT}:role/snowplow-collector",
    "kinesis": f"arn:aws:kinesis:{HERE}:stream/snowplow-raw-good",
    "kms": f"arn:aws:kms:{HERE}:key/1",
    "lambda": f"arn:aws:lambda:{HERE}:function:snowplow-pseudonymizer-output",
    "logs": f"arn:aws:logs:{HERE}:log-group:/snowveil/snowplow-collector",
    "secretsmanager": f"arn:aws:secretsmanager:{HERE}:secret:snowplow-pseudonym-key-AbCdEf",
    "sns": f"arn:aws:sns:{HERE}:snowplow-alarms",
    "sts": "*",
    "wafv2": f"arn:aws:wafv2:{HERE}:regional/webacl/x/1",
}
BUCKET = f"arn:aws:s3:::snowplow-artifacts-{ACCOUNT}"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/snowveil-boundary"
CONTEXT = {"aws:RequestedRegion": "eu-west-1", "iam:PermissionsBoundary": BOUNDARY}
ROLES = """
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Policy]]:
    """The policies of each role, and of the boundary, as the example of the module's README plans them."""
    directory = tmp_path_factory.mktemp("roles")
    readme = (ROOT / "modules/roles/README.md").read_text()
    example = readme.split("```hcl\n")[1].split("```")[0].replace('"../modules/', f'"{ROOT}/modules/')
    (directory / "main.tf").write_text(ROLES + example)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TF_CLI_CONFIG_FILE", "")  # restored afterwards
        workspace.use_provider_mirror(directory)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_DATA"))}
        for command in (["init", "-input=false"], ["plan", "-input=false", "-refresh=false", "-out=tfplan"]):
            subprocess.run(["terraform", *command], cwd=directory, env=environment, capture_output=True, check=True)
        shown = subprocess.run(
            ["terraform", "show", "-json", "tfplan"], cwd=directory, env=environment, capture_output=True, check=True
        )
    found: dict[str, list[Policy]] = {}
    for change in json.loads(shown.stdout)["resource_changes"]:
        if change["type"] == "aws_iam_policy":
            role = "boundary" if change["name"] == "boundary" else change["index"].partition("-")[0]
            found.setdefault(role, []).append(json.loads(change["change"]["after"]["policy"]))
    return found


def request(role: str, call: str) -> Request:
    """Return what IAM is asked for one call of the log."""
    service, operation = call.split(".")
    service = SERVICES.get(service, service)
    action = S3.get(operation, operation) if service == "s3" else operation
    if service == "s3":
        resource = f"{BUCKET}/bundles/collector.tar.gz" if action in ON_OBJECTS else BUCKET
    elif "InstanceProfile" in operation and service == "iam":
        resource = f"arn:aws:iam::{ACCOUNT}:instance-profile/snowplow-collector"
    else:
        resource = RESOURCES[service]
    return Request(f"arn:aws:iam::{ACCOUNT}:role/snowveil-{role}", f"{service}:{action}", resource, CONTEXT)


def allowed(policies: list[Policy], asked: Request) -> bool:
    # A key's own policy leaves its use to the account's policies.
    key = {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": ACCOUNT}}]}
    return decide(asked, policies, key if asked.action.startswith("kms:") else None) is Decision.ALLOWED


READS = ("Describe", "Get", "Head", "List")


def test_the_deployer_may_make_every_call_of_an_apply(roles: dict[str, list[Policy]]) -> None:
    state = {"s3.DeleteObject"}  # of the lock file, in the state's bucket
    refused = [
        call
        for call in (*CALLS, *LATER)
        if call not in state and not allowed(roles["deployer"], request("deployer", call))
    ]
    assert refused == []
    assert len(CALLS) > 140


def test_the_planner_may_read_whatever_a_plan_reads_and_change_nothing(roles: dict[str, list[Policy]]) -> None:
    reads = [call for call in CALLS if call.split(".")[1].startswith(READS)]
    assert [call for call in reads if not allowed(roles["planner"], request("planner", call))] == []
    changes = [call for call in (*CALLS, *LATER) if not call.split(".")[1].startswith(READS)]
    assert [call for call in changes if allowed(roles["planner"], request("planner", call))] == []


def test_planner_and_deployer_hold_the_lock_of_the_state(roles: dict[str, list[Policy]]) -> None:
    states = f"arn:aws:s3:::snowveil-terraform-state-{ACCOUNT}"
    for role in ("planner", "deployer"):
        name = f"arn:aws:iam::{ACCOUNT}:role/snowveil-{role}"
        for action in ("s3:PutObject", "s3:DeleteObject"):
            assert allowed(roles[role], Request(name, action, f"{states}/dev/terraform.tfstate.tflock")), action
        assert not allowed(roles[role], Request(name, "s3:DeleteObject", f"{states}/dev/terraform.tfstate"))


EVENTS = [
    ("kinesis:GetRecords", RESOURCES["kinesis"]),
    ("kinesis:GetShardIterator", RESOURCES["kinesis"]),
    ("kinesis:PutRecords", RESOURCES["kinesis"]),
    ("secretsmanager:GetSecretValue", RESOURCES["secretsmanager"]),
    ("secretsmanager:PutSecretValue", RESOURCES["secretsmanager"]),
    ("s3:GetObject", f"arn:aws:s3:::snowplow-lake-{ACCOUNT}/output/x"),
    ("s3:GetObject", f"arn:aws:s3:::snowplow-quarantine-{ACCOUNT}/quarantine/x"),
    ("s3:GetObjectVersion", f"arn:aws:s3:::snowplow-access-logs-{ACCOUNT}/x"),
    ("ssm:StartSession", f"arn:aws:ec2:{HERE}:instance/i-1"),
]


@pytest.mark.parametrize("role", ["planner", "deployer"])
def test_whoever_deploys_reads_no_event_and_no_secret(roles: dict[str, list[Policy]], role: str) -> None:
    name = f"arn:aws:iam::{ACCOUNT}:role/snowveil-{role}"
    for action, resource in EVENTS:
        everything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        assert not allowed([*roles[role], everything], Request(name, action, resource, CONTEXT)), action


def test_the_deployer_makes_roles_within_the_boundary_only(roles: dict[str, list[Policy]]) -> None:
    name = f"arn:aws:iam::{ACCOUNT}:role/snowveil-deployer"

    def may(action: str, role: str, **context: str) -> bool:
        asked = Request(name, action, f"arn:aws:iam::{ACCOUNT}:role/{role}", context)
        return allowed(roles["deployer"], asked)

    assert may("iam:CreateRole", "snowplow-x", **{"iam:PermissionsBoundary": BOUNDARY})
    assert not may("iam:CreateRole", "snowplow-x")
    assert not may("iam:PutRolePolicy", "snowplow-x", **{"iam:PermissionsBoundary": f"{BOUNDARY}2"})
    assert not may("iam:PutRolePolicy", "snowveil-deployer", **{"iam:PermissionsBoundary": BOUNDARY})
    assert not may("iam:DeleteRolePermissionsBoundary", "snowplow-x")
    assert may("iam:PassRole", "snowplow-x", **{"iam:PassedToService": "lambda.amazonaws.com"})
    assert not may("iam:PassRole", "snowplow-x", **{"iam:PassedToService": "glue.amazonaws.com"})


def test_people_may_do_what_their_role_is_for(roles: dict[str, list[Policy]]) -> None:
    lake, quarantine = f"arn:aws:s3:::snowplow-lake-{ACCOUNT}", f"arn:aws:s3:::snowplow-quarantine-{ACCOUNT}"
    reads: dict[str, dict[str, bool]] = {
        "analyst": {f"{lake}/output/x": True, f"{lake}/raw-bad/x": False, f"{quarantine}/x": False},
        "operator": {f"{lake}/output/x": False, f"{lake}/raw-bad/x": True, f"{lake}/firehose-errors/x": False},
        "break_glass": {f"{lake}/output/x": False, f"{lake}/firehose-errors/x": True, f"{quarantine}/x": True},
        "custodian": {f"{lake}/output/x": False, f"{quarantine}/x": False},
    }
    for role, places in reads.items():
        name = f"arn:aws:iam::{ACCOUNT}:role/snowveil-{role}"
        for place, may in places.items():
            assert allowed(roles[role], Request(name, "s3:GetObject", place)) == may, (role, place)
    custodian = f"arn:aws:iam::{ACCOUNT}:role/snowveil-key-custodian"
    secret = RESOURCES["secretsmanager"]
    assert allowed(roles["custodian"], Request(custodian, "secretsmanager:PutSecretValue", secret))
    assert not allowed(roles["custodian"], Request(custodian, "secretsmanager:GetSecretValue", secret))


def test_every_role_of_the_pipeline_fits_into_the_boundary(roles: dict[str, list[Policy]]) -> None:
    """By the modules' text: most policies name ARNs that a plan does not know."""
    (boundary,) = roles["boundary"]
    (statement,) = boundary["Statement"]
    needed = set()
    for path in ROOT.glob("modules/*/*.tf"):
        if path.parent.name != "roles":
            for document in re.findall(r'(?ms)^data "aws_iam_policy_document" .*?^}', path.read_text()):
                if "principals" not in document:  # those are of resources, or say who may take a role
                    needed |= set(re.findall(r'(?<!variable = )"([a-z0-9-]+:[A-Z]\w+)"', document))
    assert {"kinesis:PutRecords", "secretsmanager:GetSecretValue", "dynamodb:UpdateItem"} <= needed
    outside = {
        action
        for action in needed
        if not any(matches(action, pattern, ignore_case=True) for pattern in as_list(statement["Action"]))
    }
    assert outside == set()


@pytest.mark.parametrize("name", ["dev", "production", "staging"])
def test_each_environments_roles_are_those_of_its_settings(name: str) -> None:
    settings = (ROOT / f"environments/{name}/terraform.tfvars").read_text()
    found = read_tfvars(ROOT / "environments" / name / "access.tfvars")
    assert f'"{found["account_id"]}"' in settings
    assert f'"{found["state_bucket"]}"' in (ROOT / f"environments/{name}/backend.hcl").read_text()
    for role in ("break-glass", "key-custodian", "analyst", "operator"):
        assert f"arn:aws:iam::{found['account_id']}:role/snowveil-{role}" in settings
