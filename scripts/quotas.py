"""Compare what an environment's saved plan makes with the account's quotas: an apply that runs into one stops half-way.

Counted are the resources that the plan leaves in place, instances at their greatest number. What other projects of
the account use comes on top: the quota must have room for both.

Example: make plan ENV=dev, then python -m scripts.quotas --env dev

Exit code 0: everything fits. 1: failed, the last line says why. 2: something does not fit; ask AWS for more now.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from scripts.terraform_runner.environment import Environment, TerraformError
from scripts.terraform_runner.run import Terraform
from scripts.terraform_runner.tfvars import read_tfvars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

type Resources = list[dict[str, Any]]

# vCPUs of the sizes in use: docs.aws.amazon.com/AWSEC2/latest/UserGuide/cpu-options-supported-instances-values.html
VCPUS = {"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16}
MEDIUM_WITH_ONE = ("m6g", "m7g", "c6g", "c7g", "r6g", "r7g", "m8g", "c8g", "r8g")


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota by service and name, as Service Quotas lists it, and how much of it a plan needs."""

    service: str
    name: str
    needs: Callable[[Resources], float]


def _number(kind: str) -> Callable[[Resources], float]:
    return lambda resources: sum(each["type"] == kind for each in resources)


def _sum(kind: str, attribute: str) -> Callable[[Resources], float]:
    def total(resources: Resources) -> float:
        return sum(float(each["after"].get(attribute) or 0) for each in resources if each["type"] == kind)

    return total


def _interface_endpoints(resources: Resources) -> float:
    return sum(
        1
        for each in resources
        if each["type"] == "aws_vpc_endpoint" and each["after"].get("vpc_endpoint_type") == "Interface"
    )


def vcpus(instance_type: str) -> int:
    """Return the vCPUs of an instance type. Raises TerraformError for a size that is not in the table."""
    family, _, size = instance_type.partition(".")
    if size == "medium" and family in MEDIUM_WITH_ONE:
        return 1
    if size not in VCPUS:
        raise TerraformError(f"the vCPUs of {instance_type} are not known: add its size to scripts/quotas.py")
    return VCPUS[size]


def _vcpus(resources: Resources) -> float:
    types = {
        each["after"]["name"]: each["after"]["instance_type"] for each in resources if _is(each, "aws_launch_template")
    }
    groups = [each["after"] for each in resources if _is(each, "aws_autoscaling_group")]
    return float(sum(group["max_size"] * vcpus(types[group["name"]]) for group in groups))


def _is(resource: dict[str, Any], kind: str) -> bool:
    return bool(resource["type"] == kind)


# What Lambda keeps for functions without a reservation: docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
UNRESERVED = 100


def _reserved(resources: Resources) -> float:
    functions = [each["after"] for each in resources if _is(each, "aws_lambda_function")]
    # -1: without a reservation.
    reserved = sum(max(0.0, function.get("reserved_concurrent_executions") or 0) for function in functions)
    return reserved + UNRESERVED if reserved else 0


QUOTAS = (
    Quota("kinesis", "Shards per Region", _sum("aws_kinesis_stream", "shard_count")),
    Quota("lambda", "Concurrent executions", _reserved),
    Quota("ec2", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", _vcpus),
    Quota("vpc", "VPCs per Region", _number("aws_vpc")),
    Quota("vpc", "Interface VPC endpoints per VPC", _interface_endpoints),
    Quota("elasticloadbalancing", "Application Load Balancers per Region", _number("aws_lb")),
    Quota("firehose", "Delivery streams", _number("aws_kinesis_firehose_delivery_stream")),
)


def planned_resources(plan: Mapping[str, Any]) -> Resources:
    """Return type and planned values of every resource that exists after the plan."""
    return [
        {"type": change["type"], "after": change["change"]["after"]}
        for change in plan["resource_changes"]
        if change["mode"] == "managed" and change["change"]["after"] is not None
    ]


def compare(resources: Resources, value: Callable[[str, str], float | None]) -> Iterable[tuple[bool, str]]:
    """Yield whether it fits, and a line, for each quota that the plan needs something of.

    `value` returns the account's quota by service and name, None when Service Quotas does not list it.
    """
    for quota in QUOTAS:
        needed = quota.needs(resources)
        if not needed:
            continue
        allowed = value(quota.service, quota.name)
        if allowed is None:
            yield False, f"{quota.service}: {quota.name}: {needed:.0f} needed, and Service Quotas lists no such quota"
        else:
            fits = needed <= allowed
            words = "" if fits else ": ask for more"
            yield fits, f"{quota.service}: {quota.name}: {needed:.0f} of {allowed:.0f}{words}"


def account_quotas(client: Any) -> Callable[[str, str], float | None]:
    """Return a look-up of the account's applied quotas. It raises botocore's errors."""
    found: dict[str, dict[str, float]] = {}

    def value(service: str, name: str) -> float | None:
        if service not in found:
            pages = client.get_paginator("list_service_quotas").paginate(ServiceCode=service)
            found[service] = {each["QuotaName"]: each["Value"] for page in pages for each in page["Quotas"]}
        return found[service].get(name)

    return value


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.quotas", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--env", required=True, help="a directory of environments/")
    options = parser.parse_args(arguments)
    try:
        environment = Environment(options.env)
        resources = planned_resources(json.loads(Terraform(environment).show_plan()))
        client = boto3.client("service-quotas", region_name=read_tfvars(environment.tfvars)["region"])
        lines = list(compare(resources, account_quotas(client)))
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"the quotas of {options.env} cannot be read: {error}", file=sys.stderr)
        return 1
    print(*(line for _, line in lines), sep="\n")
    return 0 if all(fits for fits, _ in lines) else 2


if __name__ == "__main__":
    sys.exit(main())
