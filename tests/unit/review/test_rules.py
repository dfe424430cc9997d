"""Each rule of policy/review.yaml: what trips it, what does not; exceptions; a wrong file."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from scripts.plan_review.exposure import PUBLIC_ACCESS_BLOCK
from scripts.plan_review.findings import Finding
from scripts.plan_review.merge_request import MergeRequest
from scripts.plan_review.rules import RULES, RuleException, RulesError, read_rules
from tests.fixtures.review.documents import COMMIT, TODAY, allow, document, policy, resource, reviewed

STREAM = "arn:aws:kinesis:eu-west-1:1:stream/x"
RULE = {"cidr_ipv4": "198.51.100.0/24", "ip_protocol": "tcp", "from_port": 443, "to_port": 443}


def firehose(**s3: Any) -> dict[str, Any]:
    lambda_arn = {"parameter_name": "LambdaArn", "parameter_value": s3.pop("function", "arn:aws:lambda:f:live")}
    processing = [{"enabled": s3.pop("enabled", True), "processors": [{"type": "Lambda", "parameters": [lambda_arn]}]}]
    settings = {"prefix": "output/", "error_output_prefix": "errors/", "processing_configuration": processing, **s3}
    return {"name": "output", "extended_s3_configuration": [settings]}


def role(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"policy": policy(*statements)}


DENIAL = {"Sid": "NoHttp", "Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*"}
KINESIS, FIREHOSE, ROLE = "aws_kinesis_stream", "aws_kinesis_firehose_delivery_stream", "aws_iam_role_policy"

# rule: a change that trips it, and one like it that does not.
CASES = {
    "data-is-lost": (
        resource(KINESIS, {"name": "a"}, {"name": "b"}, actions=["delete", "create"], replace_paths=[["name"]]),
        resource(KINESIS, {"name": "a"}, {"name": "b"}),
    ),
    "data-may-be-lost": (
        resource("aws_dynamodb_table", {"deletion_protection_enabled": True}, {"deletion_protection_enabled": False}),
        resource("aws_dynamodb_table", {"deletion_protection_enabled": False}, {"deletion_protection_enabled": True}),
    ),
    "data-moves-or-slows": (
        resource(KINESIS, {"shard_count": 2}, {"shard_count": 1}),
        resource(KINESIS, {"shard_count": 1}, {"shard_count": 2}),
    ),
    "originals-leave-the-pipeline": (
        resource(FIREHOSE, firehose(), firehose(s3_backup_mode="Enabled")),
        resource(FIREHOSE, firehose(s3_backup_mode="Enabled"), firehose(s3_backup_mode="Disabled")),
    ),
    "more-is-visible": (
        resource(ROLE, role(), role(allow("kinesis:GetRecords", STREAM))),
        resource(ROLE, role(), role(allow("kinesis:PutRecords", STREAM))),
    ),
    "transform-changes": (
        resource("aws_lambda_function", {"source_code_hash": "a"}, {"source_code_hash": "b"}),
        resource("aws_lambda_function", {"description": "a"}, {"description": "b"}),
    ),
    "more-is-allowed-than-named": (
        resource(ROLE, role(), role(allow("s3:*", "arn:aws:s3:::x"))),
        resource(ROLE, role(allow("s3:*", "arn:aws:s3:::x")), role(allow("s3:PutObject", "arn:aws:s3:::x"))),
    ),
    "other-code-may-run": (
        resource("aws_lambda_alias", {"function_version": "3"}, {"function_version": "$LATEST"}),
        resource("aws_lambda_alias", {"function_version": "3"}, {"function_version": "4"}),
    ),
    "a-barrier-is-lowered": (
        resource("aws_vpc_security_group_egress_rule", None, {**RULE, "cidr_ipv4": "0.0.0.0/0"}),
        resource("aws_vpc_security_group_egress_rule", {**RULE, "cidr_ipv4": "0.0.0.0/0"}, None),
    ),
    "nobody-would-notice": (
        resource("aws_cloudwatch_metric_alarm", {"threshold": 1}, {"threshold": 2}),
        resource("aws_cloudwatch_metric_alarm", {"alarm_description": "a"}, {"alarm_description": "b"}),
    ),
    "nobody-looked": (
        resource(KINESIS, {"something_new": 1}, {"something_new": 2}),
        resource(KINESIS, {"something_new": None, "tags": {}}, {"something_new": [], "tags": {"owner": "a"}}),
    ),
    "permissions-need-a-second-look": (
        resource(ROLE, role(), {}, after_unknown={"policy": True}),
        resource(ROLE, None, {}, after_unknown={"policy": True}),
    ),
    "permissions-change": (
        resource(ROLE, role(allow("xray:PutTraceSegments")), role()),
        # Another order and another spelling of the same.
        resource(ROLE, role(allow("a:B"), allow(["c:D"])), role(allow("c:D"), allow(["a:B"]))),
    ),
    "open-to-the-world": (
        resource("aws_vpc_security_group_ingress_rule", None, {**RULE, "cidr_ipv4": "0.0.0.0/0"}),
        resource("aws_vpc_security_group_ingress_rule", {**RULE, "cidr_ipv4": "0.0.0.0/0"}, None),
    ),
    "network-opens": (
        resource("aws_vpc_security_group_ingress_rule", RULE, {**RULE, "to_port": 8443}),
        resource("aws_vpc_security_group_ingress_rule", RULE, {**RULE, "description": "x"}),
    ),
    "network-narrows": (
        resource("aws_vpc_security_group_ingress_rule", RULE, None),
        resource("aws_vpc_security_group_egress_rule", RULE, None),
    ),
    "service-suffers": (
        resource("aws_autoscaling_group", {"min_size": 2}, {"min_size": 1}),
        resource("aws_autoscaling_group", {"min_size": 1}, {"min_size": 2}),
    ),
    "service-stops": (
        resource("aws_lb", {"name": "a"}, None),
        resource("aws_lb", None, {"name": "a", "access_logs": [{"enabled": True}]}),
    ),
    "instances-are-replaced": (
        resource("aws_launch_template", {"user_data": "a"}, {"user_data": "b"}),
        resource("aws_launch_template", None, {"user_data": "b", "metadata_options": [{"http_tokens": "required"}]}),
    ),
    "hidden-values-change": (
        resource("x", {"a": "secret-1"}, {"a": "secret-2"}, before_sensitive={"a": True}, after_sensitive={"a": True}),
        resource("x", {"a": "public-1"}, {"a": "public-2"}),
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_is_tripped_and_is_not(rule: str) -> None:
    trips, harmless = CASES[rule]
    expected = next(each for each in read_rules().rules if each.id == rule)
    review = reviewed(document(trips))
    tripped = [entry for entry in review.entries if entry.rule == rule]
    assert tripped
    assert {entry.exit_code for entry in tripped} == {expected.exit_code}
    assert review.exit_code >= expected.exit_code
    assert set(expected.approvers) <= set(review.approvers)
    assert rule not in {entry.rule for entry in reviewed(document(harmless)).entries}


def test_drift_is_a_rule_of_its_own() -> None:
    drift = resource(KINESIS, {"retention_period": 168}, {"retention_period": 24})
    assert [entry.rule for entry in reviewed(document(resource_drift=[drift])).entries] == ["reality-differs"]
    assert reviewed(document(resource_drift=[])).entries == []


def test_a_change_of_the_review_is_a_rule_of_its_own() -> None:
    changed = MergeRequest(COMMIT, (Finding("rules-changed", "policy/review.yaml", "changes"),))
    assert [entry.rule for entry in reviewed(document(), changed).entries] == ["the-review-changes"]
    assert reviewed(document(), changed).exit_code == 3
    assert reviewed(document()).exit_code == 0


def test_every_rule_has_its_cases() -> None:
    assert {rule.id for rule in read_rules().rules} == {*CASES, "reality-differs", "the-review-changes"}


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        (KINESIS, {"retention_period": 168}, {"retention_period": 24}, "retention-lowered"),
        ("aws_cloudwatch_log_group", {"retention_in_days": 0}, {"retention_in_days": 30}, "retention-lowered"),
        ("aws_s3_bucket", {"force_destroy": False}, {"force_destroy": True}, "protection-off"),
        ("aws_lb", {"enable_deletion_protection": True}, {"enable_deletion_protection": False}, "protection-off"),
        (
            "aws_dynamodb_table",
            {"point_in_time_recovery": [{"enabled": True}]},
            {"point_in_time_recovery": []},
            "protection-off",
        ),
        (
            "aws_s3_bucket_versioning",
            {"versioning_configuration": [{"status": "Enabled"}]},
            {"versioning_configuration": [{"status": "Suspended"}]},
            "protection-off",
        ),
        (
            "aws_s3_bucket_lifecycle_configuration",
            None,
            {"bucket": "old", "rule": [{"id": "a", "status": "Enabled", "expiration": [{"days": 3}]}]},
            "expiry-shortened",
        ),
        ("aws_dynamodb_table", {"ttl": []}, {"ttl": [{"enabled": True}]}, "expiry-shortened"),
        (
            KINESIS,
            {"stream_mode_details": [{"stream_mode": "ON_DEMAND"}]},
            {"stream_mode_details": [{"stream_mode": "PROVISIONED"}], "shard_count": 1},
            "shards-lowered",
        ),
        (FIREHOSE, firehose(), None, "delivery-replaced"),
        (
            "aws_iam_role",
            {"assume_role_policy": policy(allow("sts:AssumeRole", Principal={"AWS": "arn:aws:iam::1:role/a"}))},
            {"assume_role_policy": policy(allow("sts:AssumeRole", Principal={"AWS": "arn:aws:iam::2:root"}))},
            "trust-widened",
        ),
        (FIREHOSE, firehose(), firehose(prefix="elsewhere/"), "destination-changed"),
        (FIREHOSE, firehose(), firehose(error_output_prefix="output/"), "error-prefix-changed"),
        (FIREHOSE, firehose(), firehose(enabled=False), "transform-bypassed"),
        (FIREHOSE, firehose(), firehose(function="arn:other"), "transform-changed"),
        (FIREHOSE, None, {"extended_s3_configuration": [{"prefix": "raw/"}]}, "transform-bypassed"),
        (
            "aws_lambda_function",
            {"environment": [{"variables": {"KEY_SECRET_ARN": "a"}}]},
            {"environment": [{"variables": {"KEY_SECRET_ARN": "b"}}]},
            "pseudonym-key-changed",
        ),
        (KINESIS, {"encryption_type": "KMS"}, {"encryption_type": "NONE"}, "encryption-weakened"),
        (ROLE, role(DENIAL), role(), "denial-removed"),
        (ROLE, role(DENIAL), None, "denial-removed"),
        ("aws_s3_bucket_policy", role(), role(allow("s3:PutObject", Principal="*")), "public-access"),
        (
            "aws_s3_bucket_public_access_block",
            dict.fromkeys(PUBLIC_ACCESS_BLOCK, True),
            {"block_public_acls": True},
            "public-access",
        ),
        ("aws_lb_listener", {"ssl_policy": "new"}, {"ssl_policy": "old"}, "tls-weakened"),
        (
            "aws_launch_template",
            {"metadata_options": [{"http_tokens": "required"}]},
            {"metadata_options": [{"http_tokens": "optional"}]},
            "public-access",
        ),
        (
            "aws_iam_role_policy_attachment",
            None,
            {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            "wildcard-allowed",
        ),
    ],
)  # fmt: skip
def test_a_change_has_its_kind(
    kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None, expected: str
) -> None:
    assert expected in {entry.kind for entry in reviewed(document(resource(kind, before, after))).entries}
    if before is not None and after is not None:
        same = reviewed(document(resource(kind, before, before, actions=["no-op"])))
        assert same.entries == []


@pytest.mark.parametrize(
    "marks", [{"after_sensitive": {"shard_count": True}}, {"after_unknown": {"shard_count": True}}]
)
def test_what_cannot_be_compared_counts_as_lowered(marks: dict[str, Any]) -> None:
    change = resource(KINESIS, {"shard_count": 2}, {"shard_count": 3}, **marks)
    assert "shards-lowered" in {entry.kind for entry in reviewed(document(change)).entries}


def test_a_secret_that_looks_like_everyone_hides_nothing() -> None:
    """Marking 0.0.0.0/0 or an action as sensitive would otherwise hide it from the review."""
    marked = resource("x", None, {"a": "0.0.0.0/0", "b": "kinesis:*"}, after_sensitive={"a": True, "b": True})
    ingress = resource("aws_vpc_security_group_ingress_rule", None, {**RULE, "cidr_ipv4": "0.0.0.0/0"})
    review = reviewed(document(marked, ingress, resource(ROLE, role(), role(allow("kinesis:*", STREAM)))))
    assert {"open-to-everyone", "policy-unreadable"} <= {entry.kind for entry in review.entries}
    assert review.exit_code == 3


def test_hidden_ingress_counts_as_open() -> None:
    marks: dict[str, Any] = {"after_sensitive": {"ingress": True}}
    change = resource("aws_security_group", {"ingress": []}, {"ingress": [{"cidr_blocks": ["10.0.0.0/8"]}]}, **marks)
    assert "open-to-everyone" in {entry.kind for entry in reviewed(document(change)).entries}


def test_recreated_delivery_skips_records() -> None:
    change = resource(FIREHOSE, firehose(), firehose(), actions=["delete", "create"], replace_paths=[["name"]])
    assert [entry.kind for entry in reviewed(document(change)).entries] == ["delivery-replaced"]


def test_a_role_spared_by_a_denial_is_a_reader() -> None:
    def denial(*roles: str) -> dict[str, Any]:
        condition = {"ArnNotEquals": {"aws:PrincipalArn": list(roles)}}
        return {**DENIAL, "NotAction": ["s3:PutObject"], "Condition": condition} | {"Action": []}

    before, after = ({"policy": policy(denial(*roles))} for roles in (("a",), ("a", "b")))
    review = reviewed(document(resource("aws_s3_bucket_policy", before, after)))
    assert {entry.kind for entry in review.entries} == {"reader-added", "statements-changed"}
    assert [line for entry in review.entries if entry.kind == "reader-added" for line in entry.details] == [
        "`b` is spared by the denial `NoHttp`"
    ]


def with_exception(expires: dt.date, address: str = f"{KINESIS}.this") -> Any:
    accepted = RuleException("data-is-lost", address, "empty since May, agreed with the data owners", expires)
    return msgspec.structs.replace(read_rules(), exceptions=[accepted])


def test_an_exception_holds_until_its_last_day() -> None:
    plan = document(CASES["data-is-lost"][0])
    review = reviewed(plan, rules=with_exception(TODAY))
    assert review.exit_code == 0
    assert review.approvers == []
    assert review.entries[0].accepted == "accepted until 2026-01-15: `empty since May, agreed with the data owners`"

    late = reviewed(plan, rules=with_exception(TODAY - dt.timedelta(days=1)))
    assert late.exit_code == 4
    assert late.entries[0].accepted is None
    assert late.expired_exceptions

    assert reviewed(plan, rules=with_exception(TODAY, "aws_kinesis_stream.other")).exit_code == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version"),
        ({"rules": []}, "no rule says what follows from data-destroyed"),
        (
            {"exceptions": [{"rule": "x", "address": "a", "reason": "r", "expires": dt.date(2026, 1, 1)}]},
            "names no rule: x",
        ),
        ({"exceptions": [{"rule": "data-is-lost", "address": "a", "expires": dt.date(2026, 1, 1)}]}, "reason"),
        ({"exceptions": [{"rule": "data-is-lost", "address": "a", "reason": "r", "expires": "soon"}]}, "expires"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    file = tmp_path / "review.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(RULES.read_text()) | change))
    with pytest.raises(RulesError, match=message) as raised:
        read_rules(file)
    assert "\n" not in str(raised.value)


def test_a_kind_in_two_rules_is_refused(tmp_path: Path) -> None:
    rules = yaml.safe_load(RULES.read_text())
    rules["rules"][0]["when"].append("drifted")
    file = tmp_path / "review.yaml"
    file.write_text(yaml.safe_dump(rules))
    with pytest.raises(RulesError, match="two rules are about drifted"):
        read_rules(file)
