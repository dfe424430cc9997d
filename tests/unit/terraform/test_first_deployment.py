"""The table of costs in docs/first-deployment.md counts what an environment's plan has."""

import pytest

from tests.unit.docs.test_costs import ENVIRONMENTS, costs
from tests.unit.terraform.planned import Resources

# Rows whose cells begin with a count, and what of a plan is counted.
COUNTED = {"alarms": "aws_cloudwatch_metric_alarm", "keys": "aws_kms_key"}


def test_counts_are_those_of_the_plan(resources: Resources, request: pytest.FixtureRequest) -> None:
    environment = request.node.callspec.params["resources"]
    for row, kind in COUNTED.items():
        planned = sum(resource["type"] == kind for resource in resources.values())
        assert planned > 5, environment
        if environment in ENVIRONMENTS:
            written = int(costs()[row][ENVIRONMENTS.index(environment)].partition(":")[0])
            assert written == planned, f"docs/first-deployment.md counts {written} {row} in {environment}"
