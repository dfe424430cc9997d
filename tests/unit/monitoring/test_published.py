"""Each program's line has the metrics, units and dimensions that the catalogue gives its namespace, and no others."""

import json
from collections import Counter

from prometheus_client import REGISTRY

import services.enricher.telemetry.metrics  # noqa: F401  # what it counts is registered when it is imported
from lambda_src.pseudonymizer.delivery import metrics as pseudonymizer
from lambda_src.pseudonymizer.errors import Reason
from lambda_src.pseudonymizer.transform.actions import Counts
from scripts.monitoring.catalogue import load
from services.enricher.telemetry import monitoring as enricher


def check(line: str | bytes) -> None:
    """The metrics of a line are those of its namespace. The collector's: tests/unit/collector/telemetry."""
    found = json.loads(line)
    (definition,) = found["_aws"]["CloudWatchMetrics"]
    known = {name: metric for (namespace, name), metric in load().items() if namespace == definition["Namespace"]}
    assert {each["Name"]: each.get("Unit") for each in definition["Metrics"]} == {
        name: metric.unit for name, metric in known.items()
    }
    assert {metric.dimensions for metric in known.values()} == {frozenset(map(frozenset, definition["Dimensions"]))}
    assert known.keys() <= found.keys()


def test_the_enricher_publishes_what_the_catalogue_says() -> None:
    check(enricher.Report("app", REGISTRY).line())


def test_the_pseudonymizer_publishes_what_the_catalogue_says() -> None:
    measured = pseudonymizer.Measured(quarantined=Counter(Reason))
    check(pseudonymizer.line({"Delivery": "output"}, measured, Counts()))
