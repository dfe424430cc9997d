"""What the fixed-price parts of a plan cost a month, before and after, by the table in prices.yaml."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotation
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.plan_review.plan import Change, Plan

PRICES = Path(__file__).with_name("prices.yaml")
HOURS_OF_FREE_RETENTION = 24
# What costs the same whatever its settings.
SINGLE = {
    "aws_lb": "load_balancer",
    "aws_nat_gateway": "nat_gateway",
    "aws_kms_key": "kms_key",
    "aws_secretsmanager_secret": "secret",
    "aws_cloudwatch_metric_alarm": "alarm",
    "aws_cloudwatch_dashboard": "dashboard",
}


class UsageError(Exception):
    """The usage file is not one; the message says what is wrong with it."""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a price was compared with, and when."""

    date: dt.date
    against: str


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price, AWS's page that has it, and what it was compared with, None if nothing was found."""

    price: float
    source: str
    checked: Check | None = None


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """prices.yaml."""

    region: str
    currency: str
    hours_a_month: int
    hourly: dict[str, Price]
    monthly: dict[str, Price]
    usage: dict[str, Price]

    def a_month(self, item: str) -> Price | None:
        """Return what one `item` costs a month, None if the table has no price of it."""
        if item in self.hourly:
            hourly = self.hourly[item]
            return msgspec.structs.replace(hourly, price=hourly.price * self.hours_a_month)
        return self.monthly.get(item)


class Item(msgspec.Struct, frozen=True):
    """Dollars a month of one fixed-price part; `checked` names source and date of its price, None: unchecked."""

    before: float
    after: float
    source: str
    checked: str | None


class Cost(msgspec.Struct, frozen=True):
    """Dollars a month of all fixed-price parts; `unpriced` are items without a price, `usage` what is paid by use."""

    before: float
    after: float
    items: dict[str, Item]
    unpriced: list[str]
    usage: float | None
    region: str
    other_region: bool


def read_prices() -> Prices:
    """Return the price table."""
    return msgspec.convert(yaml.safe_load(PRICES.read_text()), Prices)


def cost(plan: Plan, prices: Prices, usage: dict[str, float] | None = None) -> Cost:
    """Return the cost of `plan`'s fixed-price parts, and of `usage` (quantity a month by name) if it is given.

    Raises UsageError.
    """
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    types = _instance_types(plan)
    zones = Counter(_module(each.address) for each in plan.resources if ".aws_subnet.private[" in each.address)
    for change in plan.resources:
        for counter, values, moment in ((before, change.before, 0), (after, change.after, 1)):
            for item, quantity in _items(change, values, types[moment], zones):
                counter[item] += quantity
    items: dict[str, Item] = {}
    unpriced = []
    for item in sorted(before.keys() | after.keys()):
        price = prices.a_month(item)
        if price is None:
            unpriced.append(item)
        else:
            checked = f"{price.checked.against}, {price.checked.date}" if price.checked else None
            old, new = (round(counter[item] * price.price, 2) for counter in (before, after))
            items[item] = Item(old, new, price.source, checked)
    if unknown := sorted(set(usage or {}) - set(prices.usage)):
        raise UsageError(f"{unknown[0]} has no price; known are {', '.join(sorted(prices.usage))}")
    return Cost(
        before=round(sum(item.before for item in items.values()), 2),
        after=round(sum(item.after for item in items.values()), 2),
        items=items,
        unpriced=unpriced,
        usage=None if usage is None else round(sum(prices.usage[n].price * q for n, q in usage.items()), 2),
        region=prices.region,
        other_region=plan.region != prices.region,
    )


def read_usage(path: Path) -> dict[str, float]:
    """Return a usage file: YAML or JSON, a month's quantity by the names of prices.yaml. Raises UsageError."""
    try:
        return msgspec.convert(yaml.safe_load(path.read_text()), dict[str, float])
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None


def _instance_types(plan: Plan) -> tuple[dict[str, str], dict[str, str]]:
    """Return the launch templates' instance types before and after, by the module that holds template and group."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for change in plan.resources:
        if change.type == "aws_launch_template":
            for found, values in ((before, change.before), (after, change.after)):
                if isinstance(values.get("instance_type"), str):
                    found[_module(change.address)] = values["instance_type"]
    return before, after


def _module(address: str) -> str:
    return address.rsplit(".aws_", 1)[0]


def _items(
    change: Change, values: dict[str, Any], types: dict[str, str], zones: Counter[str]
) -> Iterator[tuple[str, int]]:
    if not values:
        return
    match change.type:
        case "aws_kinesis_stream":
            yield from _stream(values)
        case "aws_autoscaling_group":
            size = values.get("min_size")
            yield types.get(_module(change.address), "instance of unknown type"), size if isinstance(size, int) else 1
        case "aws_vpc_endpoint" if values.get("vpc_endpoint_type") == "Interface":
            subnets = values.get("subnet_ids")
            # While they are unknown, as many as the network plans beside it.
            number = len(subnets) if isinstance(subnets, list) else zones[_module(change.address)]
            yield "interface_endpoint_in_a_zone", number
        case kind if kind in SINGLE:
            yield SINGLE[kind], 1


def _stream(values: dict[str, Any]) -> Iterator[tuple[str, int]]:
    shards, hours = values.get("shard_count"), values.get("retention_period")
    if not isinstance(shards, int) or shards == 0:
        yield "kinesis_on_demand_stream", 1
        return
    yield "kinesis_shard", shards
    if isinstance(hours, int) and hours > HOURS_OF_FREE_RETENTION:
        yield "kinesis_shard_kept_longer_than_a_day", shards
