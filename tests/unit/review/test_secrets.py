"""No sensitive value in any form of output: canaries in every sensitive attribute, searched."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.plan_review.markdown import markdown
from scripts.plan_review.merge_request import MergeRequest
from scripts.plan_review.page import page
from scripts.plan_review.plan import PlanFormatError, read_plan
from scripts.plan_review.review import Review, widget
from scripts.plan_review.values import leaves
from tests.fixtures.review.documents import ACCOUNT, COMMIT, document, policy, resource, reviewed
from tests.fixtures.review.plans import CANARIES, Plans

CANARY = "kanarie-9f3b71"


def outputs(review: Review) -> Iterator[str]:
    comment = markdown(review)
    yield comment
    yield page(comment)
    yield json.dumps(msgspec.to_builtins(review), ensure_ascii=False)
    yield json.dumps(widget(review))
    yield repr(review)


def assert_hidden(review: Review, *canaries: str) -> None:
    for text in outputs(review):
        for canary in canaries:
            assert canary not in text


def test_a_real_plans_sensitive_values_are_nowhere(plans: Plans) -> None:
    for plan in (plans.first, plans.changed, plans.destroyed, plans.unchanged):
        assert any(canary in json.dumps(plan) for canary in CANARIES), "the plan must hold what is searched"
        assert_hidden(reviewed(plan), *CANARIES)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("side", ["before", "after"])
def test_any_attribute_can_be_the_sensitive_one(plans: Plans, side: str, whole: bool) -> None:
    """Every attribute of every changed resource in turn holds a canary and is marked, as a whole or leaf by leaf."""
    tried = 0
    for change in plans.changed["resource_changes"]:
        values = change["change"][side]
        if change["mode"] != "managed" or not values or change["change"]["actions"] == ["no-op"]:
            continue
        for name, value in values.items():
            entry = copy.deepcopy(change)
            plan = {**plans.changed, "resource_changes": [entry]}
            target = entry["change"]
            target[side][name] = fill(value)
            marks = target[f"{side}_sensitive"]
            target[f"{side}_sensitive"] = {**(marks if isinstance(marks, dict) else {}), name: whole or mark(value)}
            assert_hidden(reviewed(plan), CANARY)
            tried += 1
    assert tried > 50


def test_any_attribute_can_be_unknown(plans: Plans) -> None:
    replaced = plans.scenario("stream_replaced")["resource_changes"]  # which the review must stop at
    for change in plans.changed["resource_changes"]:
        for name in (change["change"]["after"] or {}) if change["mode"] == "managed" else ():
            entry = copy.deepcopy(change)
            entry["change"]["after_unknown"][name] = True
            others = [each for each in replaced if each["address"] != change["address"]]
            assert reviewed({**plans.changed, "resource_changes": [entry, *others]}).exit_code == 4


def fill(value: Any) -> Any:
    """The same shape with a canary in every leaf."""
    if isinstance(value, dict):
        return {key: fill(part) for key, part in value.items()}
    if isinstance(value, list):
        return [fill(part) for part in value] or CANARY
    return CANARY


def mark(value: Any) -> Any:
    if isinstance(value, dict) and value:
        return {key: mark(part) for key, part in value.items()}
    if isinstance(value, list) and value:
        return [mark(part) for part in value]
    return True


def test_a_secret_repeated_where_terraform_does_not_mark_it_is_hidden_too() -> None:
    statement = {
        "Sid": f"x{CANARY}",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{CANARY}/*",
    }
    plan = document(
        resource("aws_ssm_parameter", None, {"value": CANARY}, after_sensitive={"value": True}),
        resource("aws_iam_role_policy", {"policy": policy()}, {"policy": policy(statement)}),
        resource("aws_s3_bucket", {"bucket": CANARY}, None, address=f'aws_s3_bucket.this["{CANARY}"]'),
    )
    review = reviewed(plan)
    assert {"reader-added", "data-destroyed"} <= {entry.kind for entry in review.entries}
    assert_hidden(review, CANARY)


def test_a_sensitive_variable_is_hidden_wherever_it_went() -> None:
    plan = document(
        resource("aws_s3_bucket", {"bucket": CANARY}, None, address=f'aws_s3_bucket.this["{CANARY}"]'),
        configuration={"root_module": {"variables": {"password": {"sensitive": True}}}},
    )
    plan["variables"]["password"] = {"value": CANARY}
    assert_hidden(reviewed(plan), CANARY)


def test_drift_is_hidden_as_well() -> None:
    drift = resource(
        "aws_db_instance",
        {"password": CANARY, "note": f"was {CANARY}"},
        {"password": f"{CANARY}2", "note": "x"},
        before_sensitive={"password": True},
        after_sensitive={"password": True},
    )
    review = reviewed(document(resource_drift=[drift]))
    assert [entry.kind for entry in review.entries] == ["drifted"]
    assert_hidden(review, CANARY)


def test_a_changed_secret_is_told_from_an_unchanged_one() -> None:
    def kinds(after: str) -> list[str]:
        marks: dict[str, Any] = {"before_sensitive": {"value": True}, "after_sensitive": {"value": True}}
        change = resource(
            "aws_ssm_parameter", {"value": "secret-one", "version": 1}, {"value": after, "version": 2}, **marks
        )
        return [entry.kind for entry in reviewed(document(change)).entries]

    assert kinds("secret-one") == []
    assert kinds("secret-two") == ["value-hidden"]


def test_a_policy_that_is_sensitive_is_said_to_be_unreadable() -> None:
    marks: dict[str, Any] = {"before_sensitive": {"policy": True}, "after_sensitive": {"policy": True}}
    change = resource("aws_iam_role_policy", {"policy": policy()}, {"policy": policy({"Sid": CANARY})}, **marks)
    review = reviewed(document(change))
    assert {entry.kind for entry in review.entries} == {"policy-unreadable", "value-hidden"}
    assert review.exit_code == 3
    assert_hidden(review, CANARY)


def test_what_cannot_be_read_is_refused_without_a_word_of_it() -> None:
    for text in (
        CANARY,
        f'"{CANARY}"',
        json.dumps({"format_version": CANARY}),
        json.dumps(
            document(resource("x", {}, {}, actions=[CANARY]))
            | {"resource_changes": [{"mode": "managed", "change": CANARY}]}
        ),
    ):
        with pytest.raises(PlanFormatError) as raised:
            read_plan(text)
        assert CANARY not in str(raised.value)
        assert raised.value.__cause__ is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(json_values, json_values, json_values)
def test_values_marked_as_a_whole_never_stay(before: Any, after: Any, unknown: Any) -> None:
    marks: dict[str, Any] = {
        "before_sensitive": {"a": True},
        "after_sensitive": {"a": True},
        "after_unknown": {"b": unknown},
    }
    plan = read_plan(json.dumps(document(resource("t", {"a": before}, {"a": after, "b": after}, **marks))))
    for change in plan.resources:
        for side in (change.before, change.after):
            shown = [value for path, value in leaves(side) if path == "a" or path.startswith(("a.", "a["))]
            assert all(str(value) in ("(sensitive)", "None") for value in shown)


def test_account_ids_and_addresses_are_masked() -> None:
    rule = {"cidr_ipv4": "203.0.113.9/32", "ip_protocol": "tcp", "from_port": 443, "to_port": 443}
    sixth = rule | {"cidr_ipv4": None, "cidr_ipv6": "2001:db8::1/128"}
    role = f"arn:aws:iam::{ACCOUNT}:role/x"
    plan = document(
        resource("aws_vpc_security_group_ingress_rule", None, rule, address='rule["203.0.113.9/32 in 222222222222"]'),
        resource("aws_vpc_security_group_ingress_rule", None, sixth),
        resource("aws_kms_key", {"policy": policy()}, {"policy": policy(
            {"Effect": "Allow", "Action": "kms:Decrypt", "Principal": {"AWS": role}}
        )}),
    )  # fmt: skip
    comment = markdown(reviewed(plan, MergeRequest(COMMIT, (), "sample 198.51.100.77 of 333333333333")))
    for shown in (ACCOUNT, "222222222222", "333333333333", "203.0.113.9", "198.51.100.77", "2001:db8::1"):
        assert shown not in comment
    assert "arn:aws:iam::«account»:role/x" in comment
    assert "lets `«public address 1»/128` in" in comment
