import json
from pathlib import Path
from typing import Any

import pytest

from scripts.plan_review.cost import UsageError, cost, read_prices, read_usage
from scripts.plan_review.plan import Plan, read_plan
from tests.fixtures.review.documents import document, resource

PRICES = read_prices()


def plan_of(*changes: dict[str, Any]) -> Plan:
    return read_plan(json.dumps(document(*changes)))


def test_each_price_is_dated_and_has_a_public_source() -> None:
    for table in (PRICES.hourly, PRICES.monthly, PRICES.usage):
        for price in table.values():
            assert price.price > 0
            assert price.source.startswith("https://aws.amazon.com/")
    assert PRICES.date.year >= 2025


def test_shards_cost_by_number_and_by_retention() -> None:
    short, long = {"shard_count": 2, "retention_period": 24}, {"shard_count": 3, "retention_period": 168}
    found = cost(plan_of(resource("aws_kinesis_stream", short, long)), PRICES)
    assert found.before == round(2 * 0.017 * 730, 2)
    assert found.after == round(3 * (0.017 + 0.023) * 730, 2)


def test_instances_cost_by_their_template_and_smallest_number() -> None:
    group = resource("aws_autoscaling_group", None, {"min_size": 2}, address="module.a.aws_autoscaling_group.this")
    template = resource(
        "aws_launch_template", None, {"instance_type": "t4g.small"}, address="module.a.aws_launch_template.this"
    )
    assert cost(plan_of(group, template), PRICES).after == round(2 * 0.0184 * 730, 2)
    assert cost(plan_of(group), PRICES).unpriced == ["instance of unknown type"]


def test_what_stays_costs_too_and_gateways_do_not() -> None:
    endpoint = {"vpc_endpoint_type": "Interface", "subnet_ids": ["a", "b"]}
    found = cost(
        plan_of(
            resource("aws_vpc_endpoint", endpoint, endpoint, actions=["no-op"], address="a"),
            resource("aws_vpc_endpoint", None, {"vpc_endpoint_type": "Gateway"}, address="b"),
        ),
        PRICES,
    )
    assert found.before == found.after == round(2 * 0.011 * 730, 2)


def test_an_endpoint_of_a_first_plan_is_in_each_zone_that_is_planned() -> None:
    """Its subnets have no name yet."""
    zones = [
        resource("aws_subnet", None, {}, address=f'module.network.aws_subnet.{kind}["eu-west-1{zone}"]')
        for kind in ("public", "private")
        for zone in "abc"
    ]
    endpoint = resource(
        "aws_vpc_endpoint",
        None,
        {"vpc_endpoint_type": "Interface"},
        address='module.network.aws_vpc_endpoint.interface["logs"]',
    )
    assert cost(plan_of(endpoint, *zones), PRICES).after == round(3 * 0.011 * 730, 2)


def test_usage_is_estimated_only_if_it_is_given(tmp_path: Path) -> None:
    file = tmp_path / "usage.yaml"
    file.write_text("firehose_gb: 100\n")
    assert cost(plan_of(), PRICES).usage is None
    assert cost(plan_of(), PRICES, read_usage(file)).usage == 3.1


@pytest.mark.parametrize(("text", "message"), [("nothing: 1", "nothing has no price; known are"), ("[", "usage.yaml")])
def test_a_wrong_usage_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "usage.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        cost(plan_of(), PRICES, read_usage(file))
