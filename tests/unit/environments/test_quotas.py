"""What a plan needs of an account's quotas, compared with what it has."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.quotas import account_quotas, compare, planned_resources, vcpus
from scripts.terraform_runner.environment import TerraformError

GROUP = {"name": "p-collector", "max_size": 4}
TEMPLATE = {"name": "p-collector", "instance_type": "t4g.medium"}


def change(kind: str, after: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": kind, "mode": "managed", "change": {"after": after}}


PLAN = {
    "resource_changes": [
        change("aws_kinesis_stream", {"shard_count": 4}),
        change("aws_kinesis_stream", {"shard_count": None}),
        change("aws_kinesis_stream", None),
        change("aws_lambda_function", {"reserved_concurrent_executions": 20}),
        change("aws_lambda_function", {"reserved_concurrent_executions": -1}),
        change("aws_autoscaling_group", GROUP),
        change("aws_launch_template", TEMPLATE),
        change("aws_vpc_endpoint", {"vpc_endpoint_type": "Interface"}),
        change("aws_vpc_endpoint", {"vpc_endpoint_type": "Gateway"}),
        {**change("aws_lb", {}), "mode": "data"},
    ]
}
ALLOWED: dict[tuple[str, str], float] = {
    ("kinesis", "Shards per Region"): 3,
    ("lambda", "Concurrent executions"): 1000,
    ("ec2", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"): 8,
}


def test_what_does_not_fit_is_named_with_both_numbers() -> None:
    lines = list(compare(planned_resources(PLAN), lambda service, name: ALLOWED.get((service, name))))
    assert lines == [
        (False, "kinesis: Shards per Region: 4 of 3: ask for more"),
        (True, "lambda: Concurrent executions: 120 of 1000"),
        (True, "ec2: Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances: 8 of 8"),
        (False, "vpc: Interface VPC endpoints per VPC: 1 needed, and Service Quotas lists no such quota"),
    ]


def test_quotas_are_read_once_a_service() -> None:
    client = boto3.client(
        "service-quotas", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    quota = {"QuotaName": "Shards per Region", "Value": 500.0}
    with Stubber(client) as stub:
        stub.add_response("list_service_quotas", {"Quotas": [quota]}, {"ServiceCode": "kinesis"})
        value = account_quotas(client)
        assert value("kinesis", "Shards per Region") == 500
        assert value("kinesis", "anything else") is None


@pytest.mark.parametrize(("kind", "number"), [("t4g.medium", 2), ("m7g.medium", 1), ("c7g.2xlarge", 8)])
def test_vcpus_are_known_by_size(kind: str, number: int) -> None:
    assert vcpus(kind) == number


def test_an_unknown_size_is_an_error() -> None:
    with pytest.raises(TerraformError, match=r"vCPUs of x2gd\.metal are not known"):
        vcpus("x2gd.metal")
