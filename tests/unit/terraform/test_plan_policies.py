"""Rules over the whole plan of each environment: what any module may add is held to them."""

import json
import re
from typing import Any

import pytest

from tests.iam.account import ADMINISTRATOR, Account, too_wide
from tests.iam.evaluator import Decision, Request, as_list, decide
from tests.unit.terraform.planned import UNKNOWN, Resources, account_of, of_type, planned_account, statements

# Where a resource says the key it encrypts with; every type that stores something is here.
KEY_OF = {
    "aws_cloudwatch_log_group": ("kms_key_id",),
    "aws_dynamodb_table": ("server_side_encryption", 0, "kms_key_arn"),
    "aws_kinesis_firehose_delivery_stream": ("extended_s3_configuration", 0, "kms_key_arn"),
    "aws_kinesis_stream": ("kms_key_id",),
    "aws_lambda_function": ("kms_key_arn",),
    "aws_launch_template": ("block_device_mappings", 0, "ebs", 0, "kms_key_id"),
    "aws_s3_object": ("kms_key_id",),
    "aws_secretsmanager_secret": ("kms_key_id",),
    "aws_sns_topic": ("kms_master_key_id",),
}
# What this pipeline has no use for: it stores without a rule above, or opens a way in or out.
FOREIGN = re.compile(
    r"aws_(db_|ebs_|efs_|eip|elasticache_|sqs_queue|nat_gateway)\w*|aws_iam_(access_key|user)\w*|aws_instance|aws_key_pair"
    r"|aws_lambda_function_url|aws_s3_bucket_(acl|website\w*)|aws_security_group_rule"
)
ALARMED = {
    "aws_kinesis_stream": ("AWS/Kinesis", "StreamName", "name"),
    "aws_kinesis_firehose_delivery_stream": ("AWS/Firehose", "DeliveryStreamName", "name"),
    "aws_lambda_function": ("AWS/Lambda", "FunctionName", "function_name"),
}


@pytest.mark.parametrize("kind", KEY_OF)
def test_everything_at_rest_is_under_a_key_of_ours(resources: Resources, kind: str) -> None:
    for address, values in of_type(resources, kind).items():
        key: Any = values
        for step in KEY_OF[kind]:
            key = key[step]
        assert key, f"{address} names no key"
        assert "alias/aws/" not in key, address


def test_every_bucket_is_encrypted_private_and_under_a_key_unless_it_is_for_log_services(resources: Resources) -> None:
    def module(address: str) -> str:
        return address.rpartition(".aws_")[0]

    buckets = {module(address) for address in of_type(resources, "aws_s3_bucket")}
    algorithms = {
        module(address): values["rule"][0]["apply_server_side_encryption_by_default"][0]["sse_algorithm"]
        for address, values in of_type(resources, "aws_s3_bucket_server_side_encryption_configuration").items()
    }
    assert algorithms.keys() == buckets
    # Where a key is given it is UNKNOWN until it exists, and so is the algorithm.
    unkeyed = {name for name, algorithm in algorithms.items() if algorithm not in ("aws:kms", UNKNOWN)}
    assert unkeyed == {"module.access_logs.module.bucket"}
    blocks = of_type(resources, "aws_s3_bucket_public_access_block")
    assert {module(address) for address in blocks} == buckets
    switches = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert all(block[switch] for block in blocks.values() for switch in switches)
    owners = of_type(resources, "aws_s3_bucket_ownership_controls")
    assert {module(address) for address in owners} == buckets
    assert all(owner["rule"][0]["object_ownership"] == "BucketOwnerEnforced" for owner in owners.values())


def rules_of(resources: Resources, module: str) -> dict[str, tuple[int | None, int | None]]:
    """Days after which a bucket's objects and their old versions are deleted, by prefix."""
    found: dict[str, tuple[int | None, int | None]] = {}
    for rule in resources[f"{module}.module.bucket.aws_s3_bucket_lifecycle_configuration.this"]["rule"]:
        days, old = (
            (rule.get(key) or [{}])[0].get(name)
            for key, name in (("expiration", "days"), ("noncurrent_version_expiration", "noncurrent_days"))
        )
        if rule["status"] == "Enabled" and (days or old):
            assert rule["filter"][0].get("prefix", "") not in found, "one rule a prefix"
            found[rule["filter"][0].get("prefix") or ""] = days, old
    return found


def test_originals_are_deleted_in_days_and_so_are_their_old_versions(resources: Resources) -> None:
    lake = rules_of(resources, "module.lake")
    assert lake["firehose-errors/"] == (14, 1)
    assert lake[""] == (None, 30)
    for module, longest in (("module.quarantine", 90), ("module.access_logs", 30)):
        rules = resources[f"{module}.module.bucket.aws_s3_bucket_lifecycle_configuration.this"]["rule"]
        assert {rule["status"] for rule in rules} == {"Enabled"}
        assert [
            rule["noncurrent_version_expiration"][0]["noncurrent_days"]
            for rule in rules
            if rule.get("noncurrent_version_expiration")
        ] == [1]
        (expiry,) = [rule["expiration"][0]["days"] for rule in rules if rule.get("expiration")]
        assert 1 <= expiry <= longest


def test_every_access_is_logged_and_what_holds_events_is_counted(resources: Resources) -> None:
    buckets = {address.rpartition(".aws_")[0] for address in of_type(resources, "aws_s3_bucket")}
    logged = {address.rpartition(".aws_")[0] for address in of_type(resources, "aws_s3_bucket_logging")}
    assert buckets - logged == {"module.access_logs.module.bucket"}
    counted = {address.rpartition(".aws_")[0] for address in of_type(resources, "aws_s3_bucket_inventory")}
    assert counted == {"module.lake.module.bucket", "module.quarantine.module.bucket"}


def test_nothing_is_planned_that_stores_or_opens_without_a_rule_here(resources: Resources) -> None:
    kinds = {values["type"] for values in resources.values()}
    assert not {kind for kind in kinds if FOREIGN.fullmatch(kind)}


def test_instances_have_no_public_address_and_no_ssh_key(resources: Resources) -> None:
    for address, template in of_type(resources, "aws_launch_template").items():
        assert not template.get("key_name"), address
        assert not template.get("network_interfaces"), address
        assert template["metadata_options"][0]["http_tokens"] == "required", address
    assert not [subnet for subnet in of_type(resources, "aws_subnet").values() if subnet.get("map_public_ip_on_launch")]


def test_no_policy_allows_everything_or_everybody(resources: Resources) -> None:
    # An endpoint's policy allows nothing by itself: the test of endpoints below holds those.
    found = [(address, each) for address, each in statements(resources) if "aws_vpc_endpoint" not in address]
    assert found
    assert [(address, wide) for address, statement in found if (wide := too_wide(statement))] == []


ENDPOINT_REQUESTS = [
    # endpoint, action, resource, account of the resource, of the principal, whether it passes
    ("s3", "s3:PutObject", "arn:aws:s3:::snowplow-lake/x", "ours", "ours", True),
    ("s3", "s3:PutObject", "arn:aws:s3:::of-a-stranger/x", "strange", "ours", False),
    ("s3", "s3:PutObject", "arn:aws:s3:::of-a-stranger/x", "strange", "strange", False),
    ("s3", "s3:GetObject", "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/core/x.rpm", "strange", "ours", True),
    ("s3", "s3:PutObject", "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/core/x.rpm", "strange", "ours", False),
    ("dynamodb", "dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:999999999999:table/x", "strange", "ours", False),
    (
        "kinesis-streams",
        "kinesis:PutRecords",
        "arn:aws:kinesis:eu-west-1:999999999999:stream/x",
        "strange",
        "ours",
        False,
    ),
    ("kinesis-streams", "kinesis:PutRecords", "arn:aws:kinesis:eu-west-1:1:stream/x", "ours", "ours", True),
    ("logs", "logs:PutLogEvents", "arn:aws:logs:eu-west-1:999999999999:log-group:x", "strange", "strange", False),
    ("autoscaling", "autoscaling:CompleteLifecycleAction", "arn:aws:autoscaling:x:x:x", "ours", "ours", True),
    ("monitoring", "cloudwatch:PutMetricData", "*", "ours", "strange", False),
]


@pytest.mark.parametrize(("endpoint", "action", "resource", "owner", "caller", "passes"), ENDPOINT_REQUESTS)
def test_endpoints_lead_to_this_account_and_to_what_is_named(
    resources: Resources, endpoint: str, action: str, resource: str, owner: str, caller: str, passes: bool
) -> None:
    account = account_of(resources)
    kind = "gateway" if endpoint in ("s3", "dynamodb") else "interface"
    policy = json.loads(resources[f'module.network.aws_vpc_endpoint.{kind}["{endpoint}"]']["policy"])
    of = {"ours": account, "strange": "999999999999"}
    context = {"aws:ResourceAccount": of[owner], "aws:PrincipalAccount": of[caller]}
    request = Request(f"arn:aws:iam::{of[caller]}:role/x", action, resource, context)
    assert (decide(request, [], policy) is Decision.ALLOWED) == passes


def test_every_endpoint_has_a_policy(resources: Resources) -> None:
    assert all(endpoint["policy"] for endpoint in of_type(resources, "aws_vpc_endpoint").values())


def test_every_log_group_has_a_retention_and_a_key(resources: Resources) -> None:
    for address, group in of_type(resources, "aws_cloudwatch_log_group").items():
        assert 1 <= group["retention_in_days"] <= 400, address
        assert group["kms_key_id"], address


ORIGINALS = ("firehose-errors/output/processing-failed/x", "firehose-errors/raw-bad/x", "elsewhere/x")


def readers(account: Account, lake: str) -> dict[str, list[str]]:
    """Roles that the lake's policy spares, by the prefix they read; the last of each is break glass."""
    return {
        as_list(statement["Resource"])[0].removeprefix(f"{lake}/").removesuffix("*"): as_list(
            statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
        )
        for statement in account.resources[lake]["Statement"]
        if statement["Sid"].startswith("DenyReadsOf") and "Resource" in statement
    }


def test_a_reader_of_the_lake_has_no_path_to_what_was_not_pseudonymized(resources: Resources) -> None:
    account, lake = planned_account(resources)

    def may(role: str, action: str, place: str) -> bool:
        """Whether a role that IAM allows everything may do it."""
        return account.decide(Request(role, action, place), ADMINISTRATOR) is Decision.ALLOWED

    named = readers(account, lake)
    assert named.keys() == {"output/", "enriched-bad/", "raw-bad/"}
    (break_glass,) = {roles[-1] for roles in named.values()}
    stranger = re.sub("role/.*", "role/administrator", break_glass)
    people = {role for roles in named.values() for role in roles} - {break_glass} | {stranger}
    assert len(people) > 1, "an environment that nobody reads shows nothing"
    for role in people:
        for place in ORIGINALS:
            for action in ("s3:GetObject", "s3:GetObjectVersion"):
                assert not may(role, action, f"{lake}/{place}"), (role, place)
        for action in ("s3:PutObject", "s3:DeleteObject", "s3:GetObjectAttributes"):
            assert not may(role, action, f"{lake}/{ORIGINALS[0]}"), (role, action)
        for prefix, roles in named.items():
            assert may(role, "s3:GetObject", f"{lake}/{prefix}2026/x") == (role in roles), (role, prefix)
        assert may(role, "kms:Decrypt", "lake") == (role != stranger), role
        for key in ("streams", "quarantine", "secrets"):
            assert not may(role, "kms:Decrypt", key), (role, key)
            assert not may(role, "kms:CreateGrant", key), (role, key)
    assert may(break_glass, "s3:GetObject", f"{lake}/{ORIGINALS[0]}")
    assert may(break_glass, "kms:Decrypt", "quarantine")
    assert not may(break_glass, "kms:Decrypt", "secrets")


def test_nothing_is_public_but_the_load_balancer(resources: Resources) -> None:
    public = [address for address, balancer in of_type(resources, "aws_lb").items() if balancer["internal"] is not True]
    assert public == ["module.collector.aws_lb.this"]
    for address, group in of_type(resources, "aws_security_group").items():
        # Rules are resources of their own, which the next lines see.
        assert group.get("ingress") in (None, [], UNKNOWN), address
    for address, rule in of_type(resources, "aws_vpc_security_group_ingress_rule").items():
        world = "0.0.0.0/0" in (rule.get("cidr_ipv4") or "") or rule.get("cidr_ipv6") or rule.get("prefix_list_id")
        if world:
            assert address.startswith("module.collector.aws_vpc_security_group_ingress_rule.client["), address
            assert rule["from_port"] == rule["to_port"], address
            assert rule["from_port"] in (443, 80), address


@pytest.mark.parametrize("kind", ALARMED)
def test_whatever_carries_events_has_an_alarm_that_somebody_hears(resources: Resources, kind: str) -> None:
    namespace, dimension, name = ALARMED[kind]
    alarms = [
        each for each in of_type(resources, "aws_cloudwatch_metric_alarm").values() if each["namespace"] == namespace
    ]
    assert {alarm["dimensions"][dimension] for alarm in alarms} == {
        each[name] for each in of_type(resources, kind).values()
    }
    assert all(alarm["alarm_actions"] for alarm in alarms)


def test_the_first_object_under_the_error_prefix_is_an_alarm(resources: Resources) -> None:
    notification = resources["module.lake.aws_s3_bucket_notification.this"]
    assert [topic["filter_prefix"] for topic in notification["topic"]] == ["firehose-errors/"]
