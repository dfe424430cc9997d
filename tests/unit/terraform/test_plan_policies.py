"""Rules over the whole plan of each environment: what any module may add is held to them."""

import fnmatch
import json
import re
from typing import Any

import pytest

UNKNOWN = "(known after apply)"
Resources = dict[str, dict[str, Any]]

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


def of_type(resources: Resources, kind: str) -> Resources:
    found = {address: values for address, values in resources.items() if values["type"] == kind}
    assert found, f"the plan has no {kind}"
    return found


def statements(resources: Resources) -> list[tuple[str, dict[str, Any]]]:
    """Every statement of every policy that the plan knows, with its address."""
    return [
        (address, statement)
        for address, values in resources.items()
        for name in ("policy", "assume_role_policy")
        if isinstance(text := values.get(name), str) and text.startswith("{")
        for statement in json.loads(text)["Statement"]
    ]


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


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


def test_nothing_is_planned_that_stores_or_opens_without_a_rule_here(resources: Resources) -> None:
    kinds = {values["type"] for values in resources.values()}
    assert not {kind for kind in kinds if FOREIGN.fullmatch(kind)}


def test_instances_have_no_public_address_and_no_ssh_key(resources: Resources) -> None:
    for address, template in of_type(resources, "aws_launch_template").items():
        assert not template.get("key_name"), address
        assert not template.get("network_interfaces"), address
        assert template["metadata_options"][0]["http_tokens"] == "required", address
    assert not [subnet for subnet in of_type(resources, "aws_subnet").values() if subnet.get("map_public_ip_on_launch")]


def test_who_is_everybody_is_narrowed_to_named_roles(resources: Resources) -> None:
    found = statements(resources)
    assert found
    for address, statement in found:
        if statement["Effect"] == "Allow" and "*" in as_list((statement.get("Principal") or {}).get("AWS", [])):
            roles = as_list(statement["Condition"]["ArnEquals"]["aws:PrincipalArn"])
            assert roles, address
            assert not any("*" in role for role in roles), address


def test_every_log_group_has_a_retention_and_a_key(resources: Resources) -> None:
    for address, group in of_type(resources, "aws_cloudwatch_log_group").items():
        assert group["retention_in_days"], address
        assert group["kms_key_id"], address


def denied(policy: dict[str, Any], role: str, action: str, resource: str) -> bool:
    """Tell whether a statement of the bucket policy denies it; the conditions are the two kinds that it uses."""
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Deny", "the lake's policy allows nothing: IAM does"
        actions, excepted = as_list(statement.get("Action", [])), as_list(statement.get("NotAction", []))
        places, elsewhere = as_list(statement.get("Resource", [])), as_list(statement.get("NotResource", []))
        acts = matches(action, actions) if actions else not matches(action, excepted)
        lies = matches(resource, places) if places else not matches(resource, elsewhere)
        (condition,) = statement["Condition"].items()
        if condition == ("Bool", {"aws:SecureTransport": "false"}):
            continue  # every request here is by TLS
        operator, operands = condition
        assert (operator, list(operands)) == ("ArnNotEquals", ["aws:PrincipalArn"])
        if acts and lies and role not in as_list(operands["aws:PrincipalArn"]):
            return True
    return False


def matches(value: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns)


def test_a_reader_of_the_lake_has_no_path_to_what_was_not_pseudonymized(resources: Resources) -> None:
    policy = json.loads(resources["module.lake.module.bucket.aws_s3_bucket_policy.this"]["policy"])
    bucket = resources["module.lake.module.bucket.aws_s3_bucket.this"]["bucket"]
    named = {
        statement["Sid"]: as_list(statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"])
        for statement in policy["Statement"]
        if statement["Sid"].startswith("DenyReads")
    }
    (break_glass,) = named["DenyReadsOfEverythingElse"]
    stranger = "arn:aws:iam::111111111111:role/administrator"
    readers = {role for roles in named.values() for role in roles} - {break_glass} | {stranger}
    for role in readers:
        for action in (
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:DeleteObject",
            "s3:PutObject",
            "s3:GetObjectAttributes",
        ):
            assert denied(policy, role, action, f"arn:aws:s3:::{bucket}/firehose-errors/output/processing-failed/x"), (
                role,
                action,
            )
        assert denied(policy, role, "s3:GetObject", f"arn:aws:s3:::{bucket}/elsewhere/x"), role
    assert denied(policy, stranger, "s3:GetObject", f"arn:aws:s3:::{bucket}/output/x")
    for role in named.get("DenyReadsOfOutput", []):
        assert not denied(policy, role, "s3:GetObject", f"arn:aws:s3:::{bucket}/output/x")
    assert not denied(policy, break_glass, "s3:GetObject", f"arn:aws:s3:::{bucket}/firehose-errors/output/x")
    # And no identity's own policy reaches the quarantine but a pseudonymizer's, which writes.
    for address, statement in statements(resources):
        if (
            any("quarantine" in place for place in as_list(statement.get("Resource", [])))
            and statement["Effect"] == "Allow"
        ):
            assert "pseudonymizer" in address, address
            assert as_list(statement["Action"]) == ["s3:PutObject"], address


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
