"""What a plan says of the resources it makes, as the tests of this directory read it."""

import json
from typing import Any

from tests.iam.account import Account

type Resources = dict[str, dict[str, Any]]

UNKNOWN = "(known after apply)"


def known(after: Any, unknown: Any) -> Any:
    """Return the planned value, with UNKNOWN where Terraform says so; a plan gives both apart, in the same shape."""
    if unknown is True:
        return UNKNOWN
    if isinstance(after, dict) and isinstance(unknown, dict):
        return {key: known(after.get(key), unknown.get(key)) for key in {**after, **unknown}}
    if isinstance(after, list) and isinstance(unknown, list):
        return [known(*pair) for pair in zip(after, unknown, strict=False)]
    return after


def of_type(resources: Resources, kind: str) -> Resources:
    found = {address: values for address, values in resources.items() if values["type"] == kind}
    assert found, f"the plan has no {kind}"
    return found


def planned_account(resources: Resources) -> tuple[Account, str]:
    """The policies of the lake and of the keys, whose ARNs are made of their names here; and the lake's ARN."""
    lake = f"arn:aws:s3:::{resources['module.lake.module.bucket.aws_s3_bucket.this']['bucket']}"
    policies = {lake: resources["module.lake.module.bucket.aws_s3_bucket_policy.this"]["policy"]}
    for address, key in of_type(resources, "aws_kms_key").items():
        policies[address.split('"')[1]] = key["policy"]
    return Account({}, {arn: json.loads(text) for arn, text in policies.items()}), lake


def here(resources: Resources) -> tuple[str, str]:
    """Return the region and the account of the plan."""
    topic = json.loads(resources["module.alarms.aws_sns_topic_policy.this"]["policy"])
    _, _, _, region, account, _ = topic["Statement"][0]["Resource"].split(":")
    return region, account


def account_of(resources: Resources) -> str:
    """Return the account of the plan."""
    return here(resources)[1]


def changed_resources(plan: dict[str, Any]) -> Resources:
    """Return the planned values of every managed resource of a plan's JSON, by address."""
    return {
        change["address"]: {
            "type": change["type"],
            **known(change["change"]["after"], change["change"]["after_unknown"]),
        }
        for change in plan["resource_changes"]
        if change["mode"] == "managed"
    }


def statements(resources: Resources) -> list[tuple[str, dict[str, Any]]]:
    """Every statement of every policy that the plan knows, with its address."""
    return [
        (address, statement)
        for address, values in resources.items()
        for name in ("policy", "assume_role_policy")
        if isinstance(text := values.get(name), str) and text.startswith("{")
        for statement in json.loads(text)["Statement"]
    ]
