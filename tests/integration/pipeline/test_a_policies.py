"""What the policies in force let each role do with events, read from the applied account and evaluated."""

import pytest

from scripts.rehearsal.environment import OneMachine
from tests.iam.account import ADMINISTRATOR, Account, read_account, too_wide
from tests.iam.evaluator import Decision, Policy, Request, as_list

pytestmark = [pytest.mark.localstack, pytest.mark.timeout(900)]  # the first test applies the environment
ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
HERE = f"eu-west-1:{ACCOUNT}"
STREAMS = ("raw-good", "raw-bad", "enriched-good", "enriched-bad")
DELIVERIES = ("output", "enriched-bad", "raw-bad")
OLD = "read an old version of "
QUARANTINE_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"

# What each role of the pipeline can do with events and keys by its own policies, and nothing else.
PIPELINE = {
    "collector": {"write raw-good", "write raw-bad"},
    "enricher": {"read raw-good", "write enriched-good", "write enriched-bad"},
    "output": {"read enriched-good", "write lake output/", "write lake firehose-errors/output/"},
    "enriched-bad": {"read enriched-bad", "write lake enriched-bad/", "write lake firehose-errors/enriched-bad/"},
    "raw-bad": {"read raw-bad", "write lake raw-bad/", "write lake firehose-errors/raw-bad/"},
    "pseudonymizer-output": {"read the key of the pseudonyms", "write quarantine output/"},
    "pseudonymizer-enriched-bad": {"read the key of the pseudonyms", "write quarantine enriched-bad/"},
    "pseudonymizer-raw-bad": {"read the key of the pseudonyms", "write quarantine raw-bad/"},
    # Snowflake's: what was delivered, neither errors nor the quarantine.
    "warehouse": {f"{does}lake {name}/" for does in ("read ", OLD) for name in DELIVERIES},
}
ORIGINALS = {
    f"{does} {place}/"
    for does in ("read", "delete")
    for place in [f"{store}{name}" for store in ("quarantine ", "lake firehose-errors/") for name in DELIVERIES]
}
# What a person's role can do if somebody allows it everything: the rest is denied by what is accessed.
PEOPLE = {
    "snowveil-analyst": {"read lake output/"},
    "snowveil-operator": {"read lake enriched-bad/", "read lake raw-bad/"},
    "snowveil-break-glass": ORIGINALS
    | {f"read lake {name}/" for name in DELIVERIES}
    | {"read lake elsewhere/", "read access logs"},
    "snowveil-key-custodian": {"set the key of the pseudonyms"},
    "administrator": set(),
}
# Deleting what is pseudonymized destroys a copy and shows nothing: IAM alone decides it, for people as for anybody.
LEFT_TO_IAM = {f"delete lake {name}/" for name in (*DELIVERIES, "elsewhere")}


@pytest.fixture(scope="module")
def account(machine: OneMachine) -> Account:
    return read_account(machine.client)


@pytest.fixture(scope="module")
def keys(machine: OneMachine) -> dict[str, str]:
    """The key of each class of data, by its alias."""
    aliases = machine.client("kms").list_aliases()["Aliases"]
    return {
        alias["AliasName"].removeprefix("alias/snowplow-"): f"arn:aws:kms:{HERE}:key/{alias['TargetKeyId']}"
        for alias in aliases
        if alias["AliasName"].startswith("alias/snowplow-")
    }


@pytest.fixture(scope="module")
def activities(machine: OneMachine, keys: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What somebody could do with an event or a key, each by all the calls that it takes."""
    buckets, secret = machine.outputs["buckets"], machine.outputs["pseudonym_key_arn"]
    done = {
        "read access logs": [("s3:GetObject", f"arn:aws:s3:::{buckets['access_logs']}/x")],
        "read the key of the pseudonyms": [
            ("secretsmanager:GetSecretValue", secret),
            ("kms:Decrypt", keys["secrets"]),
        ],
        "set the key of the pseudonyms": [
            ("secretsmanager:PutSecretValue", secret),
            ("kms:GenerateDataKey", keys["secrets"]),
        ],
    }
    for name in STREAMS:
        stream = f"arn:aws:kinesis:{HERE}:stream/snowplow-{name}"
        done[f"read {name}"] = [("kinesis:GetRecords", stream), ("kms:Decrypt", keys["streams"])]
        done[f"write {name}"] = [("kinesis:PutRecords", stream), ("kms:GenerateDataKey", keys["streams"])]
    places = {
        **{f"lake {name}/": (f"{buckets['lake']}/{name}", "lake") for name in DELIVERIES},
        **{f"lake firehose-errors/{n}/": (f"{buckets['lake']}/firehose-errors/{n}", "lake") for n in DELIVERIES},
        **{f"quarantine {n}/": (f"{buckets['quarantine']}/quarantine/{n}", "quarantine") for n in DELIVERIES},
        "lake elsewhere/": (f"{buckets['lake']}/elsewhere", "lake"),
    }
    for place, (path, key) in places.items():
        thing = f"arn:aws:s3:::{path}/2026/01/01/00/x"
        done[f"read {place}"] = [("s3:GetObject", thing), ("kms:Decrypt", keys[key])]
        done[f"{OLD}{place}"] = [("s3:GetObjectVersion", thing), ("kms:Decrypt", keys[key])]
        done[f"write {place}"] = [("s3:PutObject", thing), ("kms:GenerateDataKey", keys[key])]
        done[f"delete {place}"] = [("s3:DeleteObject", thing)]
    return done


def can(
    account: Account, activities: dict[str, list[tuple[str, str]]], keys: dict[str, str], role: str, *more: Policy
) -> set[str]:
    """Return the activities that a role can carry out, every call of them by TLS and with the right key."""
    context = {QUARANTINE_KEY: keys["quarantine"]}
    return {
        activity
        for activity, calls in activities.items()
        if all(account.decide(Request(role, *call, context), *more) is Decision.ALLOWED for call in calls)
    }


def test_each_program_does_its_work_and_nothing_else(
    account: Account, activities: dict[str, list[tuple[str, str]]], keys: dict[str, str]
) -> None:
    found = {
        role.removeprefix(f"{ROLE}/snowplow-"): can(account, activities, keys, role) for role in account.identities
    }
    assert {role: does for role, does in found.items() if does} == PIPELINE


@pytest.mark.parametrize("role", PEOPLE)
def test_people_who_are_allowed_everything_are_denied_what_is_not_theirs(
    account: Account, activities: dict[str, list[tuple[str, str]]], keys: dict[str, str], role: str
) -> None:
    able = can(account, activities, keys, f"{ROLE}/{role}", ADMINISTRATOR)
    old = {activity for activity in able if activity.startswith(OLD)}
    assert able - old - LEFT_TO_IAM == PEOPLE[role]
    assert {f"read {activity.removeprefix(OLD)}" for activity in old} == {
        activity for activity in able if activity.startswith("read ") and activity.endswith("/")
    } - old


def test_a_reader_of_the_lake_needs_no_more_than_its_prefix(
    account: Account, activities: dict[str, list[tuple[str, str]]], keys: dict[str, str], machine: OneMachine
) -> None:
    lake = machine.outputs["buckets"]["lake"]
    reads = {
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{lake}/output/*"},
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": keys["lake"]},
        ]
    }
    assert can(account, activities, keys, f"{ROLE}/snowveil-analyst", reads) == {"read lake output/"}


def test_nobody_is_let_in_by_plain_http_or_writes_originals_under_another_key(
    account: Account, keys: dict[str, str], machine: OneMachine
) -> None:
    buckets = machine.outputs["buckets"]
    for bucket in buckets.values():
        plain = Request(
            f"{ROLE}/snowveil-break-glass",
            "s3:GetObject",
            f"arn:aws:s3:::{bucket}/x",
            {"aws:SecureTransport": "false"},
        )
        assert account.decide(plain, ADMINISTRATOR) is Decision.DENIED, bucket
    put = ("s3:PutObject", f"arn:aws:s3:::{buckets['quarantine']}/quarantine/output/x")
    for context in ({}, {QUARANTINE_KEY: keys["lake"]}):
        request = Request(f"{ROLE}/snowplow-pseudonymizer-output", *put, context)
        assert account.decide(request) is Decision.DENIED, context


def test_every_resource_is_named_where_aws_lets_one_name_it(account: Account) -> None:
    unnamed = {
        action
        for policies in account.identities.values()
        for policy in policies
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow" and "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    # X-Ray and metrics have no resources; ssm and the messages are AWS's own policy for Session Manager.
    assert {action.split(":")[0] for action in unnamed - {"cloudwatch:PutMetricData"}} == {
        *("ec2messages", "ssm", "ssmmessages", "xray"),
    }


def test_no_policy_in_force_allows_everything_or_everybody(account: Account) -> None:
    found = list(account.statements())
    assert len(found) > 50
    assert [(arn, wide, statement) for arn, statement in found if (wide := too_wide(statement))] == []
