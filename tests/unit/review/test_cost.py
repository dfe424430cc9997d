import json
from pathlib import Path
from typing import Any

import pytest

from scripts.plan_review.cost import UsageError, cost, read_prices, read_usage
from scripts.plan_review.markdown import markdown
from scripts.plan_review.plan import Plan, read_plan
from tests.fixtures.review.documents import document, resource, reviewed

PRICES = read_prices()


def plan_of(*changes: dict[str, Any]) -> Plan:
    return read_plan(json.dumps(document(*changes)))


def test_each_price_has_a_public_source_and_the_date_of_its_check_if_it_was_checked() -> None:
    prices = [price for table in (PRICES.hourly, PRICES.monthly, PRICES.usage) for price in table.values()]
    for price in prices:
        assert price.price > 0
        assert price.source.startswith("https://aws.amazon.com/")
        assert price.checked is None or (price.checked.date.year >= 2025 and price.checked.against)
    assert {price.checked is None for price in prices} == {True, False}


def test_comment_names_each_price_s_source_and_date_or_calls_it_unchecked() -> None:
    stream = {"shard_count": 2, "retention_period": 24}
    comment = markdown(
        reviewed(
            document(
                resource("aws_kinesis_stream", None, stream),
                resource("aws_nat_gateway", None, {"subnet_id": "a"}),
            )
        )
    )
    lines = [line for line in comment.splitlines() if line.startswith(("- kinesis shard", "- nat gateway"))]
    assert lines == [
        "- kinesis shard $0.00 → $24.82: **unchecked**, see https://aws.amazon.com/kinesis/data-streams/pricing/",
        "- nat gateway $0.00 → $35.04: checked against price list AmazonEC2 20260925174521; bills, 2026-11-22",
    ]


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
