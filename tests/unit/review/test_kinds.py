"""What a change is found to be, kind by kind: each with the change that trips it and one like it that does not."""

import base64
import gzip
import json
from typing import Any

import pytest
import yaml

from tests.fixtures.review.documents import ACCOUNT, document, policy, resource, reviewed

Side = dict[str, Any] | None
Case = tuple[str, str, tuple[Side, Side], tuple[Side, Side]]

FUNCTION, ALIAS, ALARM = "aws_lambda_function", "aws_lambda_alias", "aws_cloudwatch_metric_alarm"
EGRESS, ROUTE, BALANCER = "aws_vpc_security_group_egress_rule", "aws_route", "aws_lb"
HOOK, NOTICE, TEMPLATE = "aws_autoscaling_lifecycle_hook", "aws_s3_bucket_notification", "aws_launch_template"
SUBSCRIPTION, TABLE = "aws_sns_topic_subscription", "aws_dynamodb_table"
OUT = {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 443, "to_port": 443}
LOGS = [{"enabled": True, "bucket": "logs", "prefix": "lb"}]
LISTENER = {"port": 443, "protocol": "HTTPS", "ssl_policy": "a", "default_action": [{"type": "forward"}]}


def weights(**shares: float) -> list[dict[str, Any]]:
    return [{"additional_version_weights": shares}]


def metadata(**options: Any) -> list[dict[str, Any]]:
    return [{"http_tokens": "required", "http_put_response_hop_limit": 1, **options}]


def volume(**ebs: Any) -> list[dict[str, Any]]:
    return [{"device_name": "/dev/xvda", "ebs": [{"encrypted": "true", "kms_key_id": "arn:key", **ebs}]}]


def user_data(**files: Any) -> str:
    entries = [{"path": f"/etc/snowveil/{name}", "content": json.dumps(content)} for name, content in files.items()]
    text = "#cloud-config\n" + yaml.safe_dump({"write_files": entries, "runcmd": [["true"]]})
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def collector(**settings: Any) -> dict[str, Any]:
    return {"user_data": user_data(**{"collector.json": {"collector": settings}})}


def enrichments(**files: Any) -> dict[str, Any]:
    return {"user_data": user_data(**{f"enrichments/{name}.json": content for name, content in files.items()})}


# kind, type of the resource, what trips it, what does not.
CASES: list[Case] = [
    (
        "function-unpinned",
        ALIAS,
        ({"function_version": "3"}, {"function_version": "$LATEST"}),
        ({"function_version": "3"}, {"function_version": "4"}),
    ),
    ("function-unpinned", ALIAS, (None, {"function_version": "$LATEST"}), (None, {"function_version": "1"})),
    (
        "function-unpinned",
        ALIAS,
        ({"routing_config": []}, {"routing_config": weights(**{"2": 0.5})}),
        ({"routing_config": weights(**{"2": 0.5})}, {"routing_config": []}),
    ),
    *(
        (
            "function-rewired",
            FUNCTION,
            ({name: old, "memory_size": 1}, {name: new}),
            ({name: old}, {name: old, "memory_size": 2}),
        )
        for name, old, new in (
            ("layers", [], ["arn:aws:lambda:eu-west-1:222222222222:layer:x:1"]),
            ("handler", "a.handle", "b.handle"),
            ("runtime", "python3.13", "python3.12"),
            ("role", "arn:a", "arn:b"),
            ("package_type", "Zip", "Image"),
            ("dead_letter_config", [], [{"target_arn": "arn:x"}]),
            ("vpc_config", [], [{"subnet_ids": ["a"]}]),
            ("code_signing_config_arn", "arn:a", None),
        )
    ),
    (
        "transform-throttled",
        FUNCTION,
        ({"reserved_concurrent_executions": 20}, {"reserved_concurrent_executions": 2}),
        ({"reserved_concurrent_executions": 20}, {"reserved_concurrent_executions": 40}),
    ),
    (
        "transform-throttled",
        FUNCTION,
        ({"reserved_concurrent_executions": -1}, {"reserved_concurrent_executions": 50}),
        ({"reserved_concurrent_executions": 50}, {"reserved_concurrent_executions": -1}),
    ),
    (
        "web-firewall-weakened",
        "aws_wafv2_web_acl_association",
        ({"web_acl_arn": "a"}, None),
        (None, {"web_acl_arn": "a"}),
    ),
    (
        "web-firewall-weakened",
        "aws_wafv2_web_acl",
        ({"rule": [{"name": "a"}]}, {"rule": []}),
        ({"rule": [], "description": "a"}, {"rule": [], "description": "b"}),
    ),
    ("alarm-weakened", ALARM, ({"threshold": 1}, None), (None, {"threshold": 1})),
    (
        "alarm-weakened",
        ALARM,
        ({"alarm_actions": ["a", "b"]}, {"alarm_actions": ["a"]}),
        ({"alarm_actions": ["a"]}, {"alarm_actions": ["a", "b"]}),
    ),
    (
        "alarm-weakened",
        ALARM,
        ({"alarm_actions": ["a"]}, {"alarm_actions": []}),
        ({"ok_actions": ["a"]}, {"ok_actions": []}),
    ),
    *(
        (
            "alarm-weakened",
            ALARM,
            ({name: old}, {name: new}),
            ({name: old, "tags": {}}, {name: old, "tags": {"a": "b"}}),
        )
        for name, old, new in (
            ("threshold", 1, 100),
            ("comparison_operator", "GreaterThanThreshold", "LessThanThreshold"),
            ("period", 60, 3600),
            ("evaluation_periods", 1, 10),
            ("treat_missing_data", "breaching", "ignore"),
            ("actions_enabled", True, False),
            ("metric_name", "a", "b"),
            ("statistic", "Maximum", "Minimum"),
            ("dimensions", {"a": "b"}, {"a": "c"}),
        )
    ),
    (
        "notification-changed",
        NOTICE,
        ({"topic": [{"topic_arn": "a"}]}, {"topic": [{"topic_arn": "b"}]}),
        ({"topic": [{"topic_arn": "a", "id": "x"}]}, {"topic": [{"topic_arn": "a", "id": "y"}]}),
    ),
    ("notification-changed", NOTICE, ({"topic": [{"topic_arn": "a"}]}, None), (None, {"topic": [{"topic_arn": "a"}]})),
    ("egress-opened", EGRESS, (None, OUT), (OUT, None)),
    (
        "egress-opened",
        "aws_security_group",
        ({"egress": []}, {"egress": [{"cidr_blocks": ["0.0.0.0/0"], "protocol": "-1"}]}),
        ({"egress": [{"cidr_blocks": ["0.0.0.0/0"], "protocol": "-1"}]}, {"egress": []}),
    ),
    (
        "internet-route-added",
        ROUTE,
        (None, {"destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "n"}),
        ({"destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "n"}, None),
    ),
    (
        "internet-route-added",
        "aws_route_table",
        ({"route": []}, {"route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "i"}]}),
        ({"route": []}, {"route": [{"cidr_block": "10.0.0.0/16", "gateway_id": "local"}]}),
    ),
    ("internet-route-added", "aws_nat_gateway", (None, {"subnet_id": "a"}), ({"subnet_id": "a"}, None)),
    (
        "internet-route-added",
        "aws_route_table_association",
        ({"route_table_id": "a"}, {"route_table_id": "b"}),
        (None, {"route_table_id": "b"}),
    ),
    (
        "audit-trail-cut",
        BALANCER,
        ({"access_logs": LOGS}, {"access_logs": [{"enabled": False}]}),
        ({"access_logs": [{"enabled": False}]}, {"access_logs": LOGS}),
    ),
    (
        "audit-trail-cut",
        BALANCER,
        ({"access_logs": LOGS}, {"access_logs": [{**LOGS[0], "bucket": "other"}]}),
        ({"access_logs": LOGS, "name": "a"}, {"access_logs": LOGS, "name": "b"}),
    ),
    (
        "load-balancer-weakened",
        BALANCER,
        ({"desync_mitigation_mode": "defensive"}, {"desync_mitigation_mode": "monitor"}),
        ({"desync_mitigation_mode": "monitor"}, {"desync_mitigation_mode": "strictest"}),
    ),
    (
        "load-balancer-weakened",
        BALANCER,
        ({"drop_invalid_header_fields": True}, {"drop_invalid_header_fields": False}),
        ({"drop_invalid_header_fields": False}, {"drop_invalid_header_fields": True}),
    ),
    (
        "encryption-weakened",
        TEMPLATE,
        ({"block_device_mappings": volume()}, {"block_device_mappings": volume(encrypted="false")}),
        ({"block_device_mappings": volume(encrypted="false")}, {"block_device_mappings": volume()}),
    ),
    (
        "encryption-weakened",
        TEMPLATE,
        ({"block_device_mappings": volume()}, {"block_device_mappings": volume(kms_key_id="")}),
        ({"block_device_mappings": volume(volume_size=1)}, {"block_device_mappings": volume(volume_size=2)}),
    ),
    (
        "encryption-weakened",
        TABLE,
        ({"server_side_encryption": [{"enabled": True, "kms_key_arn": "k"}]}, {"server_side_encryption": []}),
        ({"server_side_encryption": []}, {"server_side_encryption": [{"enabled": True, "kms_key_arn": "k"}]}),
    ),
    (
        "encryption-key-changed",
        "aws_kinesis_stream",
        ({"kms_key_id": "arn:a"}, {"kms_key_id": "arn:b"}),
        ({"kms_key_id": None}, {"kms_key_id": "arn:b"}),
    ),
    ("audit-trail-cut", "aws_s3_bucket_logging", ({"target_bucket": "a"}, None), (None, {"target_bucket": "a"})),
    (
        "audit-trail-cut",
        "aws_s3_bucket_logging",
        ({"target_bucket": "a"}, {"target_bucket": "b"}),
        ({"target_bucket": "a"}, {"target_bucket": "a", "expected_bucket_owner": ""}),
    ),
    (
        "audit-trail-cut",
        "aws_flow_log",
        ({"traffic_type": "ALL"}, {"traffic_type": "REJECT"}),
        (None, {"traffic_type": "ALL"}),
    ),
    (
        "outside-subscriber",
        SUBSCRIPTION,
        (None, {"endpoint": "a@example.com", "protocol": "email"}),
        (None, {"endpoint": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:own", "protocol": "sqs"}),
    ),
    (
        "outside-subscriber",
        SUBSCRIPTION,
        (None, {"endpoint": "arn:aws:sqs:eu-west-1:222222222222:x", "protocol": "sqs"}),
        ({"endpoint": "a@example.com", "protocol": "email"}, None),
    ),
    (
        "outside-subscriber",
        "aws_cloudwatch_log_subscription_filter",
        (None, {"destination_arn": "arn:x", "log_group_name": "a"}),
        ({"destination_arn": "arn:x", "log_group_name": "a"}, None),
    ),
    (
        "outside-subscriber",
        "aws_kinesis_stream_consumer",
        (None, {"stream_arn": "arn:x", "name": "a"}),
        ({"stream_arn": "arn:x", "name": "a"}, None),
    ),
    (
        "drain-shortened",
        HOOK,
        ({"heartbeat_timeout": 120}, {"heartbeat_timeout": 30}),
        ({"heartbeat_timeout": 30}, {"heartbeat_timeout": 120}),
    ),
    ("drain-shortened", HOOK, ({"heartbeat_timeout": 120}, None), (None, {"heartbeat_timeout": 120})),
    (
        "drain-shortened",
        HOOK,
        ({"default_result": "CONTINUE"}, {"default_result": "ABANDON"}),
        (None, {"default_result": "ABANDON"}),
    ),
    (
        "public-access",
        TEMPLATE,
        ({"metadata_options": metadata()}, {"metadata_options": metadata(http_put_response_hop_limit=2)}),
        ({"metadata_options": metadata(http_put_response_hop_limit=2)}, {"metadata_options": metadata()}),
    ),
    (
        "public-access",
        "aws_s3_bucket_ownership_controls",
        ({"rule": [{"object_ownership": "BucketOwnerEnforced"}]}, {"rule": [{"object_ownership": "ObjectWriter"}]}),
        ({"rule": [{"object_ownership": "ObjectWriter"}]}, {"rule": [{"object_ownership": "BucketOwnerEnforced"}]}),
    ),
    (
        "public-access",
        "aws_secretsmanager_secret_policy",
        ({"block_public_policy": True}, {"block_public_policy": False}),
        ({"block_public_policy": False}, {"block_public_policy": True}),
    ),
    (
        "managed-policy-attached",
        "aws_iam_role_policy_attachment",
        ({"policy_arn": "arn:aws:iam::aws:policy/A"}, {"policy_arn": "arn:aws:iam::aws:policy/B"}),
        ({"policy_arn": "arn:aws:iam::aws:policy/A"}, None),
    ),
    (
        "role-bounds-changed",
        "aws_iam_role",
        ({"permissions_boundary": "arn:a"}, {"permissions_boundary": ""}),
        ({"permissions_boundary": ""}, {"permissions_boundary": None}),
    ),
    ("role-bounds-changed", "aws_iam_instance_profile", ({"role": "a"}, {"role": "b"}), (None, {"role": "b"})),
    (
        "collector-opened",
        TEMPLATE,
        (collector(cookie={"domains": ["a.com"]}), collector(cookie={"domains": ["a.com", "b.com"]})),
        (collector(cookie={"domains": ["a.com", "b.com"]}), collector(cookie={"domains": ["a.com"]})),
    ),
    (
        "collector-opened",
        TEMPLATE,
        (collector(redirectDomains=["a.com"]), collector(redirectDomains=["*"])),
        (collector(redirectDomains=["a.com"]), collector(redirectDomains=[])),
    ),
    (
        "collector-opened",
        TEMPLATE,
        (collector(cookie={"secure": True}), collector(cookie={"secure": False})),
        (collector(cookie={"secure": False}), collector(cookie={"secure": True})),
    ),
    (
        "collector-opened",
        TEMPLATE,
        (collector(), collector(enableDefaultRedirect=True)),
        (collector(), collector(enableDefaultRedirect=False)),
    ),
    (
        "collector-opened",
        TEMPLATE,
        (collector(), collector(crossDomain={"enabled": True, "domains": ["*.a.com"]})),
        (collector(crossDomain={"enabled": True, "domains": ["*.a.com"]}), collector()),
    ),
    (
        "collector-opened",
        TEMPLATE,
        (collector(cors={"accessControlMaxAge": "60 minutes"}), collector(cors={"accessControlMaxAge": "9 days"})),
        (collector(buffer={"recordLimit": 500}), collector(buffer={"recordLimit": 100})),
    ),
    ("collector-opened", TEMPLATE, (collector(), {"user_data": "not base64!"}), (collector(), collector(workers=2))),
    (
        "enrichment-weakened",
        TEMPLATE,
        (enrichments(anon_ip={"enabled": True}), enrichments()),
        (enrichments(), enrichments(anon_ip={"enabled": True})),
    ),
    (
        "tls-weakened",
        "aws_lb_listener",
        (LISTENER, {**LISTENER, "default_action": [{"type": "redirect"}]}),
        (LISTENER, {**LISTENER, "tags": {"a": "b"}}),
    ),
    (
        "protection-off",
        "aws_kms_alias",
        ({"target_key_id": "a"}, {"target_key_id": "b"}),
        (None, {"target_key_id": "b"}),
    ),
    ("reader-added", "aws_kms_grant", (None, {"grantee_principal": "arn:x"}), ({"grantee_principal": "arn:x"}, None)),
    (
        "unclassified-change",
        "aws_iam_access_key",
        (None, {"user": "a"}),
        ({"user": "a"}, {"user": "a", "tags": {"a": "b"}}),
    ),
    (
        "unclassified-change",
        "aws_iam_access_key",
        ({"user": "a"}, None),
        ({"user": "a"}, {"user": "a", "tags": {"a": "b"}}),
    ),
    (
        "unclassified-change",
        "aws_lb_target_group",
        ({"stickiness": [{"type": "a"}]}, {"stickiness": [{"type": "b"}]}),
        ({"health_check": [{"path": "/a"}]}, {"health_check": [{"path": "/b"}]}),
    ),
]


def kinds(kind: str, sides: tuple[Side, Side]) -> set[str]:
    actions = ["no-op"] if sides[0] == sides[1] else None
    return {entry.kind for entry in reviewed(document(resource(kind, *sides, actions=actions))).entries}


@pytest.mark.parametrize(("found", "kind", "trips", "harmless"), CASES)
def test_change_is_of_its_kind_and_its_opposite_is_not(
    found: str, kind: str, trips: tuple[Side, Side], harmless: tuple[Side, Side]
) -> None:
    assert found in kinds(kind, trips)
    assert found not in kinds(kind, harmless)


def test_every_attribute_that_is_looked_at_is_not_unclassified() -> None:
    grown = resource(
        "aws_kinesis_stream", {"shard_count": 1, "retention_period": 24}, {"shard_count": 2, "retention_period": 48}
    )
    assert reviewed(document(grown)).entries == []


def test_an_attribute_of_a_block_is_named_by_its_path() -> None:
    before, after = ({"extended_s3_configuration": [{"compression_format": name}]} for name in ("GZIP", "UNCOMPRESSED"))
    (entry,) = reviewed(document(resource("aws_kinesis_firehose_delivery_stream", before, after))).entries
    assert entry.kind == "unclassified-change"
    assert "`extended_s3_configuration.compression_format`" in entry.text


def test_why_a_store_is_replaced_is_said_once() -> None:
    sides = {"name": "a"}, {"name": "b"}
    change = resource("aws_kinesis_stream", *sides, actions=["delete", "create"], replace_paths=[["name"]])
    assert [entry.kind for entry in reviewed(document(change)).entries] == ["data-destroyed"]


def test_user_data_is_named_by_file_and_setting_and_no_value_of_it_is_shown() -> None:
    before, after = (collector(streams={"good": {"region": name}}) for name in ("canary-one", "canary-two"))
    review = reviewed(document(resource(TEMPLATE, before, after)))
    lines = [line for entry in review.entries for line in entry.details]
    assert lines == ["`/etc/snowveil/collector.json`: `collector.streams.good.region`"]
    assert "canary" not in str(review)


def test_a_policy_that_only_goes_is_said_to_go() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": {"AWS": "arn:a"}}
    gone = resource("aws_s3_bucket_policy", {"policy": policy(statement)}, None)
    assert {entry.kind for entry in reviewed(document(gone)).entries} == {"statements-changed"}
